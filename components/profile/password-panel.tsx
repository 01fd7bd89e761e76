"use client";

import { toast } from "../feedback/toast.ts";
import { Panel } from "../ui/panel.tsx";
import { type ChangePassword, PasswordForm } from "./password-form.tsx";
import classes from "./profile.module.css";

/** Changes one's password. */
export function PasswordPanel({
  person,
  change,
}: {
  person: { name: string; email: string };
  change: ChangePassword;
}) {
  return (
    <Panel title="Password">
      <div className={classes.account}>
        <p className={classes.note}>
          Everywhere else you are signed out when you change it. The audit logs of your tenants note that you
          did.
        </p>
        <PasswordForm
          person={person}
          change={change}
          submitLabel="Change password"
          onChanged={() => toast.success("Your password is changed. All your other sessions have ended.")}
        />
      </div>
    </Panel>
  );
}
