"use client";

import { Button, Stack, TextInput } from "@mantine/core";
import { useActionState } from "react";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { ChosenPassword } from "./chosen-password.tsx";
import type { FormProblem } from "./form-problem.ts";

const fields = {
  code: { label: "Code", autoComplete: "off", description: "From the log of the web server" },
  tenant: { label: "Tenant", autoComplete: "organization", description: "What you call the first one" },
  name: { label: "Your name", autoComplete: "name", description: undefined },
  email: { label: "Email", autoComplete: "username", description: undefined },
} as const;

/** What was typed, to be shown again. */
export type SetupTyped = Record<keyof typeof fields, string>;

/** The first account and tenant. Works before scripts have loaded: it is a plain form with a server action. */
export function SetupForm({
  save,
}: {
  save: (
    previous: (FormProblem & { typed: SetupTyped }) | null,
    form: FormData,
  ) => Promise<FormProblem & { typed: SetupTyped }>;
}) {
  const [wrong, submit, pending] = useActionState(save, null);
  const names = Object.keys(fields) as (keyof typeof fields)[];
  return (
    <form action={submit} aria-label="First account">
      <Stack gap="md">
        {wrong?.problem ? <ProblemAlert title="No account was made">{wrong.problem}</ProblemAlert> : null}
        {names.map((name) => (
          <TextInput
            key={name}
            name={name}
            type={name === "email" ? "email" : "text"}
            maxLength={name === "email" ? 320 : 200}
            defaultValue={wrong?.typed[name] ?? ""}
            error={wrong?.errors[name]}
            required
            withAsterisk={false}
            size="md"
            {...fields[name]}
          />
        ))}
        <ChosenPassword error={wrong?.errors.password} />
        <Button type="submit" size="md" loading={pending} fullWidth mt="xs">
          Make the account and the tenant
        </Button>
      </Stack>
    </form>
  );
}
