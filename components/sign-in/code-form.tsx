"use client";

import { Button, Stack, TextInput } from "@mantine/core";
import { useActionState } from "react";
import { ProblemAlert } from "../feedback/problem-alert.tsx";

const fields = {
  app: {
    label: "Code",
    description: "The six digits that your authenticator app shows now",
    inputMode: "numeric",
    autoComplete: "one-time-code",
  },
  recovery: {
    label: "Recovery code",
    description: "One of those that you kept. It works once.",
    inputMode: "text",
    autoComplete: "off",
  },
} as const;

/** The second step after the password. Works before scripts have loaded: it is a plain form with a server action. */
export function CodeForm({
  action,
  kind,
  next,
}: {
  action: (previous: string | null, form: FormData) => Promise<string>;
  /** Which of the two is entered. */
  kind: keyof typeof fields;
  next: string;
}) {
  const [problem, submit, pending] = useActionState(action, null);
  return (
    <form action={submit} aria-label="Two-step sign-in">
      <input type="hidden" name="next" value={next} />
      <Stack gap="md">
        {problem ? <ProblemAlert title="You are not signed in">{problem}</ProblemAlert> : null}
        <TextInput
          name="code"
          maxLength={100}
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          size="md"
          {...fields[kind]}
        />
        <Button type="submit" size="md" loading={pending} fullWidth mt="xs">
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
