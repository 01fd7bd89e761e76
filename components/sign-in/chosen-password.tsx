"use client";

import { PasswordInput } from "@mantine/core";
import { passwordMinLength } from "#lib/access/password-rules";

/** The field of a password that somebody chooses. */
export function ChosenPassword({ label = "Password", error }: { label?: string; error: string | undefined }) {
  return (
    <PasswordInput
      label={label}
      name="password"
      description={`At least ${passwordMinLength} characters. A sentence is easier to keep in mind than a riddle.`}
      autoComplete="new-password"
      error={error}
      required
      withAsterisk={false}
      size="md"
      visibilityToggleButtonProps={{ "aria-label": "Show what you type" }}
    />
  );
}
