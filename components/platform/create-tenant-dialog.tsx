"use client";

import { Button, Group, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { NewInvitation } from "#lib/members/invitation-schema";
import { type MadeSecret, SecretDialog } from "../feedback/dialogs/secret-dialog.tsx";
import { useAction } from "../feedback/use-action.ts";
import { errorsByField } from "../form/server-errors.ts";
import { AbsoluteTime } from "../time/instant.tsx";
import type { PlatformTenantActions } from "./platform-tenants.tsx";

/** Makes a tenant; the link by which its first owner accepts is shown, once. Mount it to open it. */
export function CreateTenantDialog({
  create,
  onClose,
}: {
  create: PlatformTenantActions["createTenant"];
  onClose: () => void;
}) {
  const { pending, run } = useAction();
  const [made, setMade] = useState<NewInvitation | null>(null);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const text = (name: string) => String(fields.get(name) ?? "");
    setErrors({});
    run(() => create({ name: text("name"), owner_email: text("owner_email") }), {
      success: ({ invitation }) => setMade(invitation),
      problem: (problem) => {
        const own = errorsByField(problem);
        setErrors(own);
        const first = form.elements.namedItem(Object.keys(own)[0] ?? "");
        if (first instanceof HTMLElement) first.focus();
        return Object.keys(own).length > 0;
      },
    });
  };
  return (
    <SecretDialog title="New tenant" made={made && linkOf(made)} pending={pending} onClose={onClose}>
      <form onSubmit={submit} noValidate aria-label="New tenant">
        <Stack gap="md">
          <TextInput label="Name" name="name" autoComplete="off" error={errors.name} data-autofocus />
          <TextInput
            label="Email of its first owner"
            name="owner_email"
            type="email"
            description="They accept by a link, with the account of this address or a new one."
            autoComplete="off"
            error={errors.owner_email}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" disabled={pending} onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending}>
              Make the tenant
            </Button>
          </Group>
        </Stack>
      </form>
    </SecretDialog>
  );
}

function linkOf({ path, email, expires_at }: NewInvitation): MadeSecret {
  return {
    title: "The tenant is made. Send the link now",
    words: (
      <>
        Send this link to <strong>{email}</strong>, in a way that nobody else can read: whoever accepts it
        owns the tenant. It works once, until <AbsoluteTime at={expires_at} />, and is not shown again.
      </>
    ),
    secret: new URL(path, window.location.origin).href,
    copyLabel: "Copy link",
    doneLabel: "Done",
    testId: "invitation-link",
  };
}
