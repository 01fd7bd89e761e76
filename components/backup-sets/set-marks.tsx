import { IconAlertOctagon, IconPin, IconShieldCheck, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { ListedBackupSet } from "#lib/sets/schema";
import classes from "./set-marks.module.css";

type Tone = "neutral" | "info" | "danger" | "success";

function Mark({ tone, title, children }: { tone: Tone; title: string; children: ReactNode }) {
  return (
    <span className={classes.mark} data-tone={tone} title={title}>
      {children}
    </span>
  );
}

/** Says that verification found a set damaged. */
export function DamagedMark() {
  return (
    <Mark tone="danger" title="What is stored is not what was captured">
      <IconAlertOctagon size={13} stroke={2.25} aria-hidden /> Damaged
    </Mark>
  );
}

/** What sets a backup set apart from others: damaged, in the bin, pinned, the newest complete one of its schedule. */
export function SetMarks({
  set,
  withDamage = true,
}: {
  set: Pick<ListedBackupSet, "pinned_at" | "deleted_at" | "is_last_complete" | "verify_status">;
  /** Off where the damage is told beside it. */
  withDamage?: boolean;
}) {
  const damaged = withDamage && set.verify_status === "damaged";
  if (!damaged && !set.deleted_at && !set.pinned_at && !set.is_last_complete) return null;
  return (
    <span className={classes.marks}>
      {damaged ? <DamagedMark /> : null}
      {set.deleted_at ? (
        <Mark tone="neutral" title="It can be restored until it is purged">
          <IconTrash size={13} aria-hidden /> In the bin
        </Mark>
      ) : null}
      {set.pinned_at ? (
        <Mark tone="info" title="Retention never removes it, and does not count it">
          <IconPin size={13} aria-hidden /> Pinned
        </Mark>
      ) : null}
      {set.is_last_complete ? (
        <Mark tone="success" title="The newest complete set of its schedule: it is never removed">
          <IconShieldCheck size={13} aria-hidden /> Last complete
        </Mark>
      ) : null}
    </span>
  );
}
