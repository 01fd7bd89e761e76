"use client";

import { Button, Group, NativeSelect, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { tokenLifetimeDays } from "#lib/limits";
import type { ApiTokenView, RotatedApiToken } from "#lib/tokens/schema";
import { SecretDialog } from "../feedback/dialogs/secret-dialog.tsx";
import { useAction } from "../feedback/use-action.ts";
import { AbsoluteTime } from "../time/instant.tsx";
import type { TokenActions } from "./tokens-panel.tsx";

const overlaps = [
  { value: "24", label: "24 hours" },
  { value: "1", label: "1 hour" },
  { value: "168", label: "7 days" },
  { value: "0", label: "Not at all" },
];

/** Gives a token a new secret and shows it, once. Mount it to open it. */
export function RotateTokenDialog({
  token,
  rotate,
  onClose,
}: {
  token: ApiTokenView;
  rotate: TokenActions["rotate"];
  onClose: () => void;
}) {
  const { pending, run } = useAction();
  const [made, setMade] = useState<RotatedApiToken | null>(null);
  const works = token.state === "valid";

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const overlap_hours = Number(new FormData(event.currentTarget).get("overlap") ?? 0);
    run(() => rotate({ token_id: token.id, overlap_hours }), { success: setMade });
  };

  return (
    <SecretDialog
      title={`Rotate “${token.name}”`}
      made={
        made && {
          title: "Copy the token now",
          words: (
            <>
              This is the only time that the new secret of “{token.name}” is shown.{" "}
              {made.previous_expires_at ? (
                <>
                  The old one works until <AbsoluteTime at={made.previous_expires_at} />.
                </>
              ) : (
                "The old one does not work any more."
              )}
            </>
          ),
          secret: made.token,
          copyLabel: "Copy token",
          doneLabel: "I have stored it",
          testId: "token",
        }
      }
      pending={pending}
      onClose={onClose}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <p style={{ margin: 0 }}>
            The token gets a new secret, works for another {tokenLifetimeDays.default} days, and is yours from
            now on: it ends when you leave the tenant.
          </p>
          {works ? (
            <NativeSelect
              label="The old secret still works for"
              name="overlap"
              description="Long enough to change every script that uses it"
              data={overlaps}
            />
          ) : null}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" disabled={pending} onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending}>
              Rotate token
            </Button>
          </Group>
        </Stack>
      </form>
    </SecretDialog>
  );
}
