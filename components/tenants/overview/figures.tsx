import { IconArrowDownRight, IconArrowUpRight } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { bytesText } from "#components/ui/bytes.ts";
import { counted } from "#lib/counted";
import { overviewDays } from "#lib/limits";
import type { TenantOverview } from "#lib/overview/overview";
import type { StorageOverview } from "#lib/overview/storage";
import { changesNote, percentText, ratioText, trendOf } from "../figure-text.ts";
import classes from "./figures.module.css";

/** The figures of a tenant's overview. */
export function Figures({ overview, storage }: { overview: TenantOverview; storage: StorageOverview }) {
  const { days, success, success_before, protection } = overview;
  const changes = days.reduce((sum, day) => sum + day.added + day.changed + day.removed, 0);
  const { schedules } = protection;
  const idle = schedules.total - schedules.enabled;
  return (
    <dl className={classes.root}>
      <Figure label={`Success rate, ${overviewDays} days`} value={percentText(success.rate)}>
        <RateNote success={success} before={success_before} />
      </Figure>
      <Figure label={`Policy changes, ${overviewDays} days`} value={changes.toLocaleString("en")}>
        {changesNote(overview, changes)}
      </Figure>
      <Figure label="Stored" value={bytesText(storage.bytes_stored)}>
        {storage.ratio === null ? "nothing yet" : `${ratioText(storage.ratio)} smaller than plain files`}
      </Figure>
      <Figure label="Backup sets" value={storage.sets.toLocaleString("en")}>
        {storage.binned_sets === 0
          ? "all kept"
          : `and ${storage.binned_sets.toLocaleString("en")} in the bin`}
      </Figure>
      <Figure label="Schedules enabled" value={schedules.enabled.toLocaleString("en")}>
        {idle === 0
          ? "all of them"
          : `${idle.toLocaleString("en")} disabled${schedules.paused > 0 ? `, ${schedules.paused.toLocaleString("en")} of them after failures` : ""}`}
      </Figure>
    </dl>
  );
}

function RateNote({
  success,
  before,
}: {
  success: TenantOverview["success"];
  before: TenantOverview["success_before"];
}) {
  if (success.attempted === 0) return "no run was finished";
  const trend = trendOf(success.rate, before.rate);
  const words = `${success.succeeded.toLocaleString("en")} of ${counted(success.attempted, "run")}`;
  if (trend === null) return words;
  const Arrow = trend.direction === "down" ? IconArrowDownRight : IconArrowUpRight;
  return (
    <>
      {words}
      <br />
      <span className={classes.trend} data-direction={trend.direction}>
        {trend.direction === "same" ? null : <Arrow size={13} stroke={2} aria-hidden />}
        {trend.words}
      </span>
    </>
  );
}

function Figure({ label, value, children }: { label: string; value: string; children: ReactNode }) {
  return (
    <div className={classes.figure}>
      <dt>{label}</dt>
      <dd className={classes.value}>{value}</dd>
      <dd className={classes.note}>{children}</dd>
    </div>
  );
}
