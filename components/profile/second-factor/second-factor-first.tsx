"use client";

import { Button } from "@mantine/core";
import { useState, useTransition } from "react";
import { toast } from "../../feedback/toast.ts";
import { useNavigate } from "../../navigation/navigation.tsx";
import { Logo } from "../../ui/logo.tsx";
import profile from "../profile.module.css";
import { type SetUpActions, SetUpDialog } from "./set-up-dialog.tsx";

/** The whole page for someone who has to have a second step, and has none: they set it up first. */
export function SecondFactorFirst({
  person,
  actions,
  next,
  signOut,
}: {
  person: { name: string };
  actions: SetUpActions;
  /** Where they wanted to go. */
  next: string;
  signOut: () => Promise<void>;
}) {
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const [, start] = useTransition();
  return (
    <main className={profile.alone}>
      <div className={profile.card}>
        <Logo />
        <h1>Set up two-step sign-in</h1>
        <p className={profile.note}>
          Welcome, {person.name}. This installation asks for a code after your password, which an app on your
          phone makes. You go on once it is set up.
        </p>
        <Button mt="lg" fullWidth onClick={() => setOpen(true)}>
          Turn on two-step sign-in
        </Button>
        <Button variant="subtle" color="gray" mt="md" ml={-18} onClick={() => start(signOut)}>
          Sign out
        </Button>
      </div>
      {isOpen ? (
        <SetUpDialog
          actions={actions}
          onClose={(isOn) => {
            setOpen(false);
            if (!isOn) return;
            toast.success("Two-step sign-in is on.");
            navigate(next);
          }}
        />
      ) : null}
    </main>
  );
}
