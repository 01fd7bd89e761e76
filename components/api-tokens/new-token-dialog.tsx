"use client";

import { Button, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Role, roles } from "#lib/access/permissions";
import { SecretDialog } from "../feedback/dialogs/secret-dialog.tsx";
import { useAction } from "../feedback/use-action.ts";
import { errorsByField } from "../form/server-errors.ts";
import type { TokenActions } from "./tokens-panel.tsx";

const day = 86_400_000;
const lifetimes = [
  { value: "90", label: "90 days" },
  { value: "30", label: "30 days" },
  { value: "365", label: "1 year" },
];

/** Makes a token and shows it, once. Mount it to open it. */
export function NewTokenDialog({ create, onClose }: { create: TokenActions["create"]; onClose: () => void }) {
  const { pending, run } = useAction();
  const [made, setMade] = useState<{ name: string; token: string } | null>(null);
  const [errors, setErrors] = useState<Record<string, string>>({});

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const name = String(form.get("name"));
    const role: Role = roles.find((known) => known === form.get("role")) ?? "readonly";
    const expires_at = new Date(Date.now() + Number(form.get("lifetime")) * day).toISOString();
    run(() => create({ name, role, expires_at }), {
      success: ({ token }) => setMade({ name, token }),
      problem: (problem) => {
        const own = errorsByField(problem);
        setErrors(own);
        return Object.keys(own).length > 0;
      },
    });
  };

  return (
    <SecretDialog
      title="New API token"
      made={
        made && {
          title: "Copy the token now",
          words: `This is the only time that “${made.name}” is shown. Store it where your script reads its secrets.`,
          secret: made.token,
          copyLabel: "Copy token",
          doneLabel: "I have stored it",
          testId: "token",
        }
      }
      pending={pending}
      onClose={onClose}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Name"
            name="name"
            description="What it is for, such as “Export job”"
            required
            maxLength={200}
            error={errors.name}
            data-autofocus
          />
          <NativeSelect
            label="Role"
            name="role"
            description="It may never do more than you, and ends when you leave the tenant"
            data={[...roles]}
            error={errors.role}
          />
          <NativeSelect label="Expires after" name="lifetime" data={lifetimes} error={errors.expires_at} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" disabled={pending} onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending}>
              Create token
            </Button>
          </Group>
        </Stack>
      </form>
    </SecretDialog>
  );
}
