"use client";

import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useActionState } from "react";
import { ProblemAlert } from "../feedback/problem-alert.tsx";

/** Email and password. Works before scripts have loaded: it is a plain form with a server action. */
export function SignInForm({
  action,
  next,
}: {
  action: (previous: string | null, form: FormData) => Promise<string>;
  next: string;
}) {
  const [problem, submit, pending] = useActionState(action, null);
  return (
    <form action={submit}>
      <input type="hidden" name="next" value={next} />
      <Stack gap="md">
        {problem ? <ProblemAlert title="You are not signed in">{problem}</ProblemAlert> : null}
        <TextInput
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          size="md"
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          size="md"
          visibilityToggleButtonProps={{ "aria-label": "Show what you type" }}
        />
        <Button type="submit" size="md" loading={pending} fullWidth mt="xs">
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
