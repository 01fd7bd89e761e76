"use client";

import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Action } from "../feedback/action-result.ts";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { errorsByField } from "../form/server-errors.ts";
import { useHydrated } from "../form/use-hydrated.ts";
import { toMicrosoft } from "../microsoft/to-microsoft.ts";
import { Panel } from "../ui/panel.tsx";
import classes from "./profile.module.css";

/** Links the account to one at Microsoft, by which one then signs in, and ends that again. It asks for the password. */
export function MicrosoftPanel({
  isLinked,
  usesPassword,
  problem,
  actions,
}: {
  isLinked: boolean;
  /** Who has no other way in keeps this one. */
  usesPassword: boolean;
  /** What went wrong at the last try to link. */
  problem: string | null;
  actions: { beginLink: Action<{ password: string }, void>; unlink: Action<{ password: string }, void> };
}) {
  const { pending, run } = useAction();
  const hydrated = useHydrated();
  const [error, setError] = useState<string>();

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const password = String(new FormData(form).get("password") ?? "");
    setError(undefined);
    run(() => (isLinked ? actions.unlink({ password }) : actions.beginLink({ password })), {
      success: () => {
        form.reset();
        if (isLinked) toast.success("The Microsoft account is unlinked.");
        else
          toMicrosoft("/profile").catch(() =>
            setError("Microsoft cannot be reached. Try again in a moment."),
          );
      },
      problem: (fault) => {
        const own = errorsByField(fault).password;
        setError(own);
        return own !== undefined;
      },
    });
  };

  return (
    <Panel title="Microsoft account">
      <div className={classes.account}>
        {problem ? (
          <ProblemAlert title="The Microsoft account was not linked" reveal>
            {problem}
          </ProblemAlert>
        ) : null}
        <p className={classes.note}>
          {isLinked
            ? `You sign in with your organization's Microsoft account.${usesPassword ? "" : " It is your only way in, so it stays linked."}`
            : "Link your organization's Microsoft account, and sign in with it from then on."}
        </p>
        {usesPassword ? (
          <form onSubmit={submit} noValidate aria-label="Microsoft account" className={classes.form}>
            <PasswordInput
              label="Your password here"
              name="password"
              autoComplete="current-password"
              readOnly={!hydrated}
              error={error}
              visibilityToggleButtonProps={{ "aria-label": "Show what you type" }}
            />
            <Button type="submit" variant="default" loading={pending}>
              {isLinked ? "Unlink the Microsoft account" : "Link a Microsoft account"}
            </Button>
          </form>
        ) : null}
      </div>
    </Panel>
  );
}
