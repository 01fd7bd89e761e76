"use client";

import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { ActionResult } from "../feedback/action-result.ts";
import { modalWhile } from "../feedback/dialogs/modal-while.ts";
import { useReturnFocus } from "../feedback/dialogs/use-return-focus.ts";
import { useAction } from "../feedback/use-action.ts";
import { errorsByField } from "../form/server-errors.ts";

/** Asks for the name of a tenant: another one, or its own as a sign that it is meant. Mount it to open it. */
export function TenantNameDialog({
  title,
  words,
  label,
  initial = "",
  confirmLabel,
  danger = false,
  submit,
  onDone,
  onClose,
}: {
  title: string;
  words?: string;
  label: string;
  initial?: string;
  confirmLabel: string;
  danger?: boolean;
  submit: (name: string) => Promise<ActionResult<void>>;
  onDone: (name: string) => void;
  onClose: () => void;
}) {
  useReturnFocus();
  const { pending, run } = useAction();
  const [name, setName] = useState(initial);
  const [error, setError] = useState<string | null>(null);
  const send = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    run(() => submit(name), {
      success: () => onDone(name),
      problem: (problem) => {
        setError(errorsByField(problem).name ?? problem.detail);
        return true;
      },
    });
  };
  return (
    <Modal {...modalWhile(pending, onClose)} title={title} centered>
      <form onSubmit={send} noValidate aria-label={title}>
        <Stack gap="lg">
          {words ? <div>{words}</div> : null}
          <TextInput
            label={label}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={200}
            autoComplete="off"
            error={error}
            data-autofocus
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" disabled={pending} onClick={onClose}>
              Keep as it is
            </Button>
            <Button type="submit" color={danger ? "red.8" : undefined} loading={pending}>
              {confirmLabel}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
