"use client";

import { ConfirmDialog } from "#components/feedback/dialogs/confirm-dialog";
import { type RetentionEffect, setsWords } from "./retention-effect.ts";
import { RemovedSets } from "./retention-impact.tsx";

/** Asks before a change of the retention rules removes backup sets. Mount it to open it. */
export function RemovalDialog({
  effect,
  zone,
  onConfirm,
  onClose,
}: {
  effect: RetentionEffect;
  zone: string;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const sets = setsWords(effect.removed);
  return (
    <ConfirmDialog
      title={`Remove ${sets}?`}
      confirmLabel={`Save and remove ${sets}`}
      danger
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <RemovedSets effect={effect} zone={zone} />
    </ConfirmDialog>
  );
}
