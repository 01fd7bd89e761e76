"use client";

import { Button, CopyButton, Group, Modal, NativeSelect, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type Role, roles } from "#lib/access/permissions";
import type { AddedMember } from "#lib/tenants/add-member";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { sentence } from "../form/server-errors.ts";
import classes from "./add-member-dialog.module.css";
import type { MemberActions } from "./members-panel.tsx";

/** Adds a person; the password of a new account is shown, once. Mount it to open it. */
export function AddMemberDialog({ add, onClose }: { add: MemberActions["add"]; onClose: () => void }) {
  const { pending, run } = useAction();
  const [made, setMade] = useState<(AddedMember & { initial_password: string }) | null>(null);
  const [errors, setErrors] = useState<Record<string, string>>({});

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const role: Role = roles.find((known) => known === fields.get("role")) ?? "readonly";
    const input = { email: String(fields.get("email")), name: String(fields.get("name")), role };
    setErrors({});
    run(() => add(input), {
      success: ({ initial_password, ...member }) => {
        if (initial_password !== null) return setMade({ ...member, initial_password });
        toast.success(`${member.name} is ${role} now, and signs in as before.`);
        onClose();
      },
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
      title={made ? "Hand over the password now" : "Add a member"}
      centered
      size="lg"
      closeOnClickOutside={!made}
      closeOnEscape={!made}
      styles={{ title: { fontWeight: 600 } }}
    >
      {made ? (
        <Stack gap="md">
          <p className={classes.text}>
            {made.name} signs in as <strong>{made.email}</strong> with this password, and then chooses
            another. It is shown this once.
          </p>
          <code className={classes.password} data-testid="initial-password">
            {made.initial_password}
          </code>
          <Group justify="flex-end" gap="xs">
            <CopyButton value={made.initial_password} timeout={3000}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  <span aria-live="polite">{copied ? "Copied" : "Copy password"}</span>
                </Button>
              )}
            </CopyButton>
            <Button onClick={onClose}>I have handed it over</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit} noValidate aria-label="Add a member">
          <Stack gap="md">
            <TextInput
              label="Email"
              name="email"
              type="email"
              autoComplete="off"
              error={errors.email}
              data-autofocus
            />
            <TextInput
              label="Name"
              name="name"
              description="For a new account. Someone who has one keeps their name and password."
              autoComplete="off"
              maxLength={200}
              error={errors.name}
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
                Add member
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
