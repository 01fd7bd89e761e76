"use client";

import { Button, Group, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Action } from "../../feedback/action-result.ts";
import type { useAction } from "../../feedback/use-action.ts";
import { errorsByField } from "../../form/server-errors.ts";
import { CodeField, PasswordField } from "./fields.tsx";

export type OnBothSteps<T> = Action<{ password: string; code: string }, T>;

/** Asks for password and code, and does something with them. */
export function BothStepsForm<T>({
  title,
  words,
  submitLabel,
  danger = false,
  doing: { pending, run },
  act,
  onDone,
  onClose,
}: {
  title: string;
  words: string;
  submitLabel: string;
  danger?: boolean;
  /** Of the dialog, which stays while it is being done. */
  doing: ReturnType<typeof useAction>;
  act: OnBothSteps<T>;
  onDone: (result: T) => void;
  onClose: () => void;
}) {
  const [errors, setErrors] = useState<Record<string, string>>({});

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const value = (name: string) => String(fields.get(name) ?? "");
    setErrors({});
    run(() => act({ password: value("password"), code: value("code") }), {
      success: onDone,
      problem: (problem) => {
        const own = errorsByField(problem);
        setErrors(own);
        const [first] = Object.keys(own);
        const field = form.elements.namedItem(first ?? "");
        if (field instanceof HTMLElement) field.focus();
        return first !== undefined;
      },
    });
  };

  return (
    <form onSubmit={submit} noValidate aria-label={title}>
      <Stack gap="md">
        <div>{words}</div>
        <PasswordField error={errors.password} />
        <CodeField error={errors.code} description="Of your authenticator app, or a recovery code" />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" disabled={pending} onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color={danger ? "red.8" : undefined} loading={pending}>
            {submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
