"use client";

import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type PasswordChange, passwordFault, passwordMinLength } from "#lib/access/password-rules";
import type { Action } from "../feedback/action-result.ts";
import { useAction } from "../feedback/use-action.ts";
import { sentence } from "../form/server-errors.ts";
import { useHydrated } from "../form/use-hydrated.ts";
import classes from "./profile.module.css";

export type ChangePassword = Action<PasswordChange, void>;

const toggle = { "aria-label": "Show what you type" };

/** Current password, new one, new one again. The rules are the server's, and checked here first. */
export function PasswordForm({
  person,
  change,
  submitLabel,
  onChanged,
}: {
  person: { name: string; email: string };
  change: ChangePassword;
  submitLabel: string;
  onChanged: () => void;
}) {
  const { pending, run } = useAction();
  const hydrated = useHydrated();
  const [errors, setErrors] = useState<Record<string, string | undefined>>({});

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const value = (name: string) => String(fields.get(name) ?? "");
    const input = { current_password: value("current_password"), new_password: value("new_password") };
    const fault = passwordFault(input.new_password, [person.email, person.name]);
    const found = {
      ...(input.current_password ? {} : { current_password: "Must not be empty" }),
      ...(fault ? { new_password: sentence(fault) } : {}),
      ...(value("repeated") === input.new_password ? {} : { repeated: "Is not the same as above" }),
    };
    setErrors(found);
    const first = Object.keys(found)[0];
    if (first) return focus(form, first);
    run(() => change(input), {
      success: () => {
        form.reset();
        onChanged();
      },
      problem: (problem) => {
        const own = (problem.errors ?? []).map(({ path, message }) => [path, sentence(message)] as const);
        setErrors(Object.fromEntries(own));
        if (own[0]) focus(form, own[0][0]);
        return own.length > 0;
      },
    });
  };

  return (
    <form onSubmit={submit} noValidate aria-label="Change password" className={classes.form}>
      <input type="text" name="username" value={person.email} autoComplete="username" readOnly hidden />
      <PasswordInput
        label="Current password"
        name="current_password"
        autoComplete="current-password"
        readOnly={!hydrated}
        error={errors.current_password}
        visibilityToggleButtonProps={toggle}
      />
      <PasswordInput
        label="New password"
        name="new_password"
        description={`At least ${passwordMinLength} characters. A sentence is easier to keep in mind than a riddle.`}
        autoComplete="new-password"
        readOnly={!hydrated}
        error={errors.new_password}
        visibilityToggleButtonProps={toggle}
      />
      <PasswordInput
        label="New password again"
        name="repeated"
        autoComplete="new-password"
        readOnly={!hydrated}
        error={errors.repeated}
        visibilityToggleButtonProps={toggle}
      />
      <Button type="submit" loading={pending}>
        {submitLabel}
      </Button>
    </form>
  );
}

function focus(form: HTMLFormElement, name: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLElement) field.focus();
}
