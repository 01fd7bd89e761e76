"use client";

import { Button } from "@mantine/core";
import { useTransition } from "react";
import { toast } from "../feedback/toast.ts";
import { useNavigate } from "../navigation/navigation.tsx";
import { Logo } from "../ui/logo.tsx";
import { type ChangePassword, PasswordForm } from "./password-form.tsx";
import classes from "./profile.module.css";

/** The whole page for someone who signed in with a password that was made for them: they choose their own first. */
export function InitialPassword({
  person,
  change,
  next,
  signOut,
}: {
  person: { name: string; email: string };
  change: ChangePassword;
  /** Where they wanted to go. */
  next: string;
  signOut: () => Promise<void>;
}) {
  const navigate = useNavigate();
  const [, start] = useTransition();
  return (
    <main className={classes.alone}>
      <div className={classes.card}>
        <Logo />
        <h1>Choose your own password</h1>
        <p className={classes.note}>
          Welcome, {person.name}. Whoever added you has seen the password you signed in with.
        </p>
        <PasswordForm
          person={person}
          change={change}
          submitLabel="Save and go on"
          onChanged={() => {
            toast.success("Your password is changed.");
            navigate(next);
          }}
        />
        <Button variant="subtle" color="gray" mt="md" ml={-18} onClick={() => start(signOut)}>
          Sign out
        </Button>
      </div>
    </main>
  );
}
