"use client";

import { Button, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Role, roles } from "#lib/access/permissions";
import type { NewInvitation } from "#lib/members/invitation-schema";
import { type MadeSecret, SecretDialog } from "../feedback/dialogs/secret-dialog.tsx";
import { useAction } from "../feedback/use-action.ts";
import { errorsByField } from "../form/server-errors.ts";
import { AbsoluteTime } from "../time/instant.tsx";
import type { MemberActions } from "./members-panel.tsx";

/** Invites a person; the link is shown, once. Mount it to open it. */
export function InviteDialog({ invite, onClose }: { invite: MemberActions["invite"]; onClose: () => void }) {
  const { pending, run } = useAction();
  const [made, setMade] = useState<NewInvitation | null>(null);
  const [errors, setErrors] = useState<Record<string, string>>({});

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const role: Role = roles.find((known) => known === fields.get("role")) ?? "readonly";
    setErrors({});
    run(() => invite({ email: String(fields.get("email")), role }), {
      success: setMade,
      problem: (problem) => {
        const own = problem.code === "CONFLICT" ? { email: problem.detail } : errorsByField(problem);
        setErrors(own);
        const first = form.elements.namedItem(Object.keys(own)[0] ?? "");
        if (first instanceof HTMLElement) first.focus();
        return Object.keys(own).length > 0;
      },
    });
  };

  return (
    <SecretDialog title="Invite a member" made={made && linkOf(made)} pending={pending} onClose={onClose}>
      <form onSubmit={submit} noValidate aria-label="Invite a member">
        <Stack gap="md">
          <TextInput
            label="Email"
            name="email"
            type="email"
            description="They sign in with this address, or make an account for it."
            autoComplete="off"
            error={errors.email}
            data-autofocus
          />
          <NativeSelect
            label="Role"
            name="role"
            description="Readonly looks; operator also runs; manager also writes schedules; owner does everything."
            data={[...roles]}
            error={errors.role}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" disabled={pending} onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending}>
              Make the link
            </Button>
          </Group>
        </Stack>
      </form>
    </SecretDialog>
  );
}

function linkOf({ path, email, expires_at }: NewInvitation): MadeSecret {
  return {
    title: "Send the link now",
    words: (
      <>
        Send this link to <strong>{email}</strong>, in a way that nobody else can read: whoever opens it can
        accept. It works once, until <AbsoluteTime at={expires_at} />, and is not shown again.
      </>
    ),
    secret: new URL(path, window.location.origin).href,
    copyLabel: "Copy link",
    doneLabel: "Done",
    testId: "invitation-link",
  };
}
