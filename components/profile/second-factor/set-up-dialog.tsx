"use client";

import { Button, Group, Stack } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { QrCode } from "#lib/access/qr-code";
import type { Action } from "../../feedback/action-result.ts";
import { SecretDialog } from "../../feedback/dialogs/secret-dialog.tsx";
import { useAction } from "../../feedback/use-action.ts";
import { errorsByField } from "../../form/server-errors.ts";
import { CodeField, PasswordField } from "./fields.tsx";
import { madeCodes } from "./recovery-codes.ts";
import classes from "./second-factor.module.css";

interface Begun {
  secret: string;
  qr_code: QrCode;
}

export interface SetUpActions {
  begin: Action<{ password: string }, Begun>;
  confirm: Action<{ code: string }, { recovery_codes: string[] }>;
}

/** Password, then the authenticator app and its first code, then the recovery codes. Mount it to open it. */
export function SetUpDialog({
  actions,
  onClose,
}: {
  actions: SetUpActions;
  /** @param isOn whether it was turned on */
  onClose: (isOn: boolean) => void;
}) {
  const { pending, run } = useAction();
  const [begun, setBegun] = useState<Begun | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const form = useRef<HTMLFormElement>(null);
  const step = begun ? "code" : "password";
  useEffect(() => focusOn(form.current, step), [step]);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget).get(step) ?? "");
    setErrors({});
    const problem = (fault: Parameters<typeof errorsByField>[0]) => {
      const own = errorsByField(fault);
      setErrors(own);
      focusOn(form.current, step);
      return step in own;
    };
    // The page behind would show itself anew, and on the page that asks for nothing else this dialog would go with it.
    if (begun)
      run(() => actions.confirm({ code: typed }), {
        success: ({ recovery_codes }) => setCodes(recovery_codes),
        problem,
        refresh: false,
      });
    else run(() => actions.begin({ password: typed }), { success: setBegun, problem, refresh: false });
  };

  return (
    <SecretDialog
      title="Turn on two-step sign-in"
      made={codes && madeCodes(codes)}
      pending={pending}
      onClose={() => onClose(codes !== null)}
    >
      <form ref={form} onSubmit={submit} noValidate aria-label="Turn on two-step sign-in">
        <Stack gap="md">
          {begun ? <AppSteps begun={begun} error={errors.code} /> : <PasswordField error={errors.password} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" disabled={pending} onClick={() => onClose(false)}>
              Cancel
            </Button>
            <Button type="submit" loading={pending}>
              {begun ? "Turn on" : "Next"}
            </Button>
          </Group>
        </Stack>
      </form>
    </SecretDialog>
  );
}

function AppSteps({ begun: { secret, qr_code }, error }: { begun: Begun; error: string | undefined }) {
  return (
    <ol className={classes.steps}>
      <li>
        <p>Scan this with an authenticator app on your phone, such as Microsoft Authenticator.</p>
        <svg
          className={classes.qr}
          viewBox={`0 0 ${qr_code.size} ${qr_code.size}`}
          shapeRendering="crispEdges"
          role="img"
          aria-label="QR code for the authenticator app"
        >
          <rect width={qr_code.size} height={qr_code.size} fill="#fff" />
          <path d={qr_code.path} fill="#000" />
        </svg>
        <p>Or type this key into the app, as a time-based one:</p>
        <code className={classes.key} data-testid="totp-secret">
          {secret.replaceAll(/(.{4})(?=.)/g, "$1 ")}
        </code>
      </li>
      <li>
        <p>Enter the code that the app shows now.</p>
        <CodeField error={error} />
      </li>
    </ol>
  );
}

function focusOn(form: HTMLFormElement | null, name: string): void {
  const field = form?.elements.namedItem(name);
  if (field instanceof HTMLElement) field.focus();
}
