"use client";

import { Button, Stack, TextInput } from "@mantine/core";
import { useActionState } from "react";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { ChosenPassword } from "./chosen-password.tsx";
import type { FormProblem } from "./form-problem.ts";

/** A new password for a person who cannot sign in. Works before scripts have loaded: it is a plain form. */
export function NewPasswordForm({
  email,
  save,
}: {
  email: string;
  save: (previous: FormProblem | null, form: FormData) => Promise<FormProblem>;
}) {
  const [wrong, submit, pending] = useActionState(save, null);
  return (
    <form action={submit} aria-label="New password">
      <Stack gap="md">
        {wrong?.problem ? (
          <ProblemAlert title="The password was not changed">{wrong.problem}</ProblemAlert>
        ) : null}
        <TextInput label="Email" name="email" value={email} autoComplete="username" readOnly size="md" />
        <ChosenPassword label="New password" error={wrong?.errors.password} />
        <Button type="submit" size="md" loading={pending} fullWidth mt="xs">
          Save the password
        </Button>
      </Stack>
    </form>
  );
}
