"use client";

import { Button, Group, Progress, Stack } from "@mantine/core";
import { Link } from "#components/navigation/link";
import { RunStatusBadge } from "#components/runs/run-status-badge";
import type { RecentRun } from "#lib/schedules/table";
import classes from "./bulk-dialog.module.css";
import type { Report } from "./bulk-report.ts";

/** What became of each schedule of a bulk act; runs that were started are followed until they end. */
export function BulkOutcome({
  report,
  tenantId,
  newestRuns,
  undoing,
  onUndo,
  onClose,
}: {
  report: Report;
  tenantId: number;
  newestRuns: ReadonlyMap<number, RecentRun>;
  undoing: boolean;
  onUndo: (schedule_ids: number[], is_enabled: boolean) => void;
  onClose: () => void;
}) {
  const { undo } = report;
  const started = report.rows.filter((row) => row.outcome === "Started");
  const statusOf = (scheduleId: number, runId: number | null) => {
    const newest = newestRuns.get(scheduleId);
    return newest && newest.id === runId ? newest.status : null;
  };
  const statuses = started.map((row) => statusOf(row.id, row.run_id));
  const ended = statuses.filter((status) => status !== null && status !== "running").length;
  // Of schedules that are on another page of the table, nothing is heard here.
  const followed = started.length > 0 && statuses.every((status) => status !== null);
  return (
    <Stack gap="md">
      <div role="status" className={classes.progress}>
        <p className={classes.text}>
          {report.sentence}
          {followed ? (
            <span className="tp-dim">
              {" "}
              {ended} of {started.length} ended
            </span>
          ) : null}
        </p>
        {followed ? (
          <Progress
            value={(100 * ended) / started.length}
            size="xs"
            color={ended === started.length ? "teal.8" : "pilot"}
            aria-hidden
          />
        ) : null}
      </div>
      <ul className={classes.results} aria-label="Results">
        {report.rows.map((row) => {
          const status = statusOf(row.id, row.run_id);
          const outcome = status ? <RunStatusBadge state={status} /> : row.outcome;
          return (
            <li key={row.id}>
              <span>
                {row.name}
                {row.reason ? <span className="tp-dim">: {row.reason}</span> : null}
              </span>
              {row.run_id ? (
                <Link
                  className={status ? classes.run : `${classes.run} tp-link`}
                  href={`/tenants/${tenantId}/runs/${row.run_id}`}
                  onClick={onClose}
                >
                  {outcome}
                </Link>
              ) : (
                <span className={classes.run}>{outcome}</span>
              )}
            </li>
          );
        })}
      </ul>
      <Group justify="flex-end" gap="xs">
        {undo ? (
          <Button
            variant="default"
            loading={undoing}
            onClick={() => onUndo(undo.schedule_ids, undo.is_enabled)}
          >
            Undo
          </Button>
        ) : null}
        <Button onClick={onClose} data-autofocus>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
