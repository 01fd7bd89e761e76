"use client";

import { Button, CopyButton, Group, Modal, NativeSelect, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Role, roles } from "#lib/access/permissions";
import type { NewInvitation } from "#lib/members/invitation-schema";
import { useAction } from "../feedback/use-action.ts";
import { sentence } from "../form/server-errors.ts";
import { AbsoluteTime } from "../time/instant.tsx";
import classes from "./invite-dialog.module.css";
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
        const own =
          problem.code === "CONFLICT"
            ? [["email", problem.detail] as const]
            : (problem.errors ?? []).map(
                ({ path, message }) => [path, sentence(message) ?? message] as const,
              );
        setErrors(Object.fromEntries(own));
        const first = form.elements.namedItem(own[0]?.[0] ?? "");
        if (first instanceof HTMLElement) first.focus();
        return own.length > 0;
      },
    });
  };

  return (
    <Modal
      opened
      onClose={onClose}
      title={made ? "Send the link now" : "Invite a member"}
      centered
      size="lg"
      closeOnClickOutside={!made}
      closeOnEscape={!made}
      styles={{ title: { fontWeight: 600 } }}
    >
      {made ? (
        <MadeInvitation made={made} onClose={onClose} />
      ) : (
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
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={pending}>
                Make the link
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function MadeInvitation({ made, onClose }: { made: NewInvitation; onClose: () => void }) {
  const link = new URL(made.path, window.location.origin).href;
  return (
    <Stack gap="md">
      <p className={classes.text}>
        Send this link to <strong>{made.email}</strong>, in a way that nobody else can read: whoever opens it
        can accept. It works once, until <AbsoluteTime at={made.expires_at} />, and is not shown again.
      </p>
      <code className={classes.link} data-testid="invitation-link">
        {link}
      </code>
      <Group justify="flex-end" gap="xs">
        <CopyButton value={link} timeout={3000}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              <span aria-live="polite">{copied ? "Copied" : "Copy link"}</span>
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}
