"use client";

import { PasswordInput, TextInput } from "@mantine/core";

/** The current password, asked for again before what decides who gets in later. */
export function PasswordField({ error }: { error: string | undefined }) {
  return (
    <PasswordInput
      label="Your password"
      name="password"
      autoComplete="current-password"
      error={error}
      visibilityToggleButtonProps={{ "aria-label": "Show what you type" }}
      data-autofocus
    />
  );
}

/** A code of the authenticator app. @param description where a recovery code will do as well, says so */
export function CodeField({ error, description }: { error: string | undefined; description?: string }) {
  return (
    <TextInput
      label="Code"
      name="code"
      description={description}
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={100}
      error={error}
    />
  );
}
