import { IconAlertOctagon, IconCircleDashed, IconPin, IconShieldCheck, IconTrash } from "@tabler/icons-react";
import type { ListedBackupSet } from "#lib/sets/schema";
import { Badge } from "../ui/badge.tsx";

/** Says that a set holds nothing: green alone would look like a backup. */
export function EmptyMark() {
  return (
    <Badge
      close
      tone="warning"
      title="Its run found nothing of what the schedule backs up"
      icon={<IconCircleDashed size={13} aria-hidden />}
    >
      Holds nothing
    </Badge>
  );
}

/** Says that verification found a set damaged. */
export function DamagedMark() {
  return (
    <Badge
      close
      tone="danger"
      title="What is stored is not what was captured"
      icon={<IconAlertOctagon size={13} stroke={2.25} aria-hidden />}
    >
      Damaged
    </Badge>
  );
}

/** What sets a backup set apart from others: damaged, in the bin, pinned, the newest complete one of its schedule. */
export function SetMarks({
  set,
  withDamage = true,
}: {
  set: Pick<
    ListedBackupSet,
    "pinned_at" | "deleted_at" | "is_last_complete" | "item_count" | "verify_status"
  >;
  /** Off where the damage is told beside it. */
  withDamage?: boolean;
}) {
  const damaged = withDamage && set.verify_status === "damaged";
  const empty = set.item_count === 0;
  if (!damaged && !empty && !set.deleted_at && !set.pinned_at && !set.is_last_complete) return null;
  return (
    <span style={{ display: "inline-flex", flexWrap: "wrap", gap: "0.25rem" }}>
      {damaged ? <DamagedMark /> : null}
      {empty ? <EmptyMark /> : null}
      {set.deleted_at ? (
        <Badge
          close
          tone="neutral"
          title="It can be taken out until it is purged"
          icon={<IconTrash size={13} aria-hidden />}
        >
          In the bin
        </Badge>
      ) : null}
      {set.pinned_at ? (
        <Badge
          close
          tone="info"
          title="Retention never removes it, and does not count it"
          icon={<IconPin size={13} aria-hidden />}
        >
          Pinned
        </Badge>
      ) : null}
      {set.is_last_complete ? (
        <Badge
          close
          tone="success"
          title="The newest complete set of its schedule: it is never removed"
          icon={<IconShieldCheck size={13} aria-hidden />}
        >
          Last complete
        </Badge>
      ) : null}
    </span>
  );
}
