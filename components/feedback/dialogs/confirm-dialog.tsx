"use client";

import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { modalWhile } from "./modal-while.ts";
import { useReturnFocus } from "./use-return-focus.ts";

export interface ConfirmDialogProps {
  title: string;
  /** Says exactly what will happen. */
  children: ReactNode;
  confirmLabel: string;
  cancelLabel?: string;
  danger?: boolean;
  /** While it is being done: nothing closes the dialog then. */
  pending?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something happens. Mount it to open it. */
export function ConfirmDialog({
  title,
  children,
  confirmLabel,
  cancelLabel = "Keep as it is",
  danger,
  pending = false,
  onConfirm,
  onClose,
}: ConfirmDialogProps) {
  useReturnFocus();
  return (
    <Modal {...modalWhile(pending, onClose)} title={title} centered>
      <Stack gap="lg">
        <div>{children}</div>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" disabled={pending} onClick={onClose} data-autofocus={danger || undefined}>
            {cancelLabel}
          </Button>
          <Button
            color={danger ? "red.8" : undefined}
            loading={pending}
            onClick={onConfirm}
            data-autofocus={danger ? undefined : true}
          >
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
