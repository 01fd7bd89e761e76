"use client";

import { Button, Stack, TextInput } from "@mantine/core";
import { useActionState } from "react";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { ChosenPassword } from "./chosen-password.tsx";

/** Accepts as the person who is signed in. */
export function AcceptAsMyself({
  accept,
}: {
  /** @returns what was wrong */
  accept: (previous: string | null) => Promise<string>;
}) {
  const [problem, submit, pending] = useActionState(accept, null);
  return (
    <form action={submit}>
      <Stack gap="md">
        {problem ? <ProblemAlert title="The invitation was not accepted">{problem}</ProblemAlert> : null}
        <Button type="submit" size="md" loading={pending} fullWidth>
          Accept the invitation
        </Button>
      </Stack>
    </form>
  );
}

/** What was wrong with the form of a new person, and what they had typed. */
export interface NewPersonProblem {
  /** For the whole form. */
  problem: string | null;
  errors: Partial<Record<"name" | "password", string>>;
  name: string;
}

/** A new person's name and password. Works before scripts have loaded: it is a plain form with a server action. */
export function AcceptAsNewPerson({
  email,
  accept,
}: {
  email: string;
  accept: (previous: NewPersonProblem | null, form: FormData) => Promise<NewPersonProblem>;
}) {
  const [wrong, submit, pending] = useActionState(accept, null);
  return (
    <form action={submit} aria-label="New account">
      <Stack gap="md">
        {wrong?.problem ? (
          <ProblemAlert title="The invitation was not accepted">{wrong.problem}</ProblemAlert>
        ) : null}
        <TextInput label="Email" name="email" value={email} autoComplete="username" readOnly size="md" />
        <TextInput
          label="Name"
          name="name"
          autoComplete="name"
          maxLength={200}
          defaultValue={wrong?.name ?? ""}
          error={wrong?.errors.name}
          required
          withAsterisk={false}
          size="md"
        />
        <ChosenPassword error={wrong?.errors.password} />
        <Button type="submit" size="md" loading={pending} fullWidth mt="xs">
          Make the account and accept
        </Button>
      </Stack>
    </form>
  );
}
