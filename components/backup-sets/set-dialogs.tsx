"use client";

import { type BackupSetView, binDays } from "#lib/sets/schema";
import { ConfirmDialog } from "../feedback/dialogs/confirm-dialog.tsx";
import { useNow } from "../time/clock.tsx";
import { AbsoluteTime } from "../time/instant.tsx";

interface DialogProps {
  set: BackupSetView;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before a set goes to the bin. */
export function RemoveDialog({ set, onConfirm, onClose }: DialogProps) {
  const until = new Date(useNow() + binDays * 86_400_000).toISOString();
  return (
    <ConfirmDialog
      title={`Remove backup set ${set.id}?`}
      confirmLabel="Move to the bin"
      danger
      onConfirm={onConfirm}
      onClose={onClose}
    >
      Set {set.id} of “{set.schedule_name}”, made <AbsoluteTime at={set.created_at} />, with its{" "}
      {set.item_count} {set.item_count === 1 ? "item" : "items"}, goes to the bin until{" "}
      <AbsoluteTime at={until} />. Until then it can be read and taken out; then it is purged for good. Other
      backup sets stay as they are.
    </ConfirmDialog>
  );
}

/** Asks before a set comes out of the bin. */
export function UnbinDialog({ set, onConfirm, onClose }: DialogProps) {
  return (
    <ConfirmDialog
      title={`Take backup set ${set.id} out of the bin?`}
      confirmLabel="Take it out"
      onConfirm={onConfirm}
      onClose={onClose}
    >
      Set {set.id} of “{set.schedule_name}”, made <AbsoluteTime at={set.created_at} />, goes back to the kept
      sets, and is pinned: or else retention would remove it again. Nothing changes in the Microsoft 365
      tenant.
    </ConfirmDialog>
  );
}
