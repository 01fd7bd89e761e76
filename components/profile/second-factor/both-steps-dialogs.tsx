"use client";

import { Modal } from "@mantine/core";
import { useState } from "react";
import { modalWhile } from "../../feedback/dialogs/modal-while.ts";
import { SecretDialog } from "../../feedback/dialogs/secret-dialog.tsx";
import { useReturnFocus } from "../../feedback/dialogs/use-return-focus.ts";
import { useAction } from "../../feedback/use-action.ts";
import { BothStepsForm, type OnBothSteps } from "./both-steps-form.tsx";
import { madeCodes } from "./recovery-codes.ts";
import type { TurnOffWords } from "./turn-off-words.ts";

/** Makes new recovery codes and shows them, once. Mount it to open it. */
export function NewCodesDialog({
  make,
  onClose,
}: {
  make: OnBothSteps<{ recovery_codes: string[] }>;
  onClose: () => void;
}) {
  const doing = useAction();
  const [codes, setCodes] = useState<string[] | null>(null);
  const title = "Make new recovery codes";
  return (
    <SecretDialog title={title} made={codes && madeCodes(codes)} pending={doing.pending} onClose={onClose}>
      <BothStepsForm
        title={title}
        words="Those that you have now stop working."
        submitLabel="Make new codes"
        doing={doing}
        act={make}
        onDone={({ recovery_codes }) => setCodes(recovery_codes)}
        onClose={onClose}
      />
    </SecretDialog>
  );
}

/** Turns two-step sign-in off; where it is required, to set it up on another phone. Mount it to open it. */
export function TurnOffDialog({
  remove,
  words: { title, words, submitLabel },
  onDone,
  onClose,
}: {
  remove: OnBothSteps<void>;
  words: TurnOffWords;
  onDone: () => void;
  onClose: () => void;
}) {
  useReturnFocus();
  const doing = useAction();
  return (
    <Modal {...modalWhile(doing.pending, onClose)} title={title} centered>
      <BothStepsForm
        title={title}
        words={words}
        submitLabel={submitLabel}
        danger
        doing={doing}
        act={remove}
        onDone={onDone}
        onClose={onClose}
      />
    </Modal>
  );
}
