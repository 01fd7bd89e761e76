"use client";

import { Button } from "@mantine/core";
import { IconShieldCog } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { PlatformUser } from "#lib/platform/schema";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import { SearchField } from "../data-table/search-field.tsx";
import type { Action } from "../feedback/action-result.ts";
import { ConfirmDialog } from "../feedback/dialogs/confirm.ts";
import type { MadeSecret } from "../feedback/dialogs/secret-dialog.tsx";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { AbsoluteTime } from "../time/instant.tsx";
import { Badge } from "../ui/badge.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./platform.module.css";

const SecretDialog = dynamic(
  () => import("../feedback/dialogs/secret-dialog.tsx").then((module) => module.SecretDialog),
  { ssr: false },
);

type OnUser<T> = Action<{ user_id: number }, T>;

interface PlatformUserActions {
  disableUser: OnUser<void>;
  enableUser: OnUser<void>;
  endUserSessions: OnUser<{ ended: number }>;
  makeUserResetLink: OnUser<{ path: string; expires_at: string }>;
  removeUserSecondFactor: OnUser<{ removed: boolean }>;
}

/** People with an account, and what lets them in or keeps them out. */
export function PlatformUsers({
  people,
  viewerEmail,
  actions,
}: {
  people: readonly PlatformUser[];
  viewerEmail: string;
  actions: PlatformUserActions;
}) {
  const { pending, run } = useAction();
  const [disabling, setDisabling] = useState<PlatformUser | null>(null);
  const [turningOff, setTurningOff] = useState<PlatformUser | null>(null);
  const [made, setMade] = useState<MadeSecret | null>(null);

  const buttons = (person: PlatformUser) => {
    const input = { user_id: person.id };
    const button = (label: string, act: () => void) => (
      <Button
        key={label}
        size="compact-sm"
        variant="default"
        disabled={pending}
        aria-label={`${label} of ${person.name}`}
        onClick={act}
      >
        {label}
      </Button>
    );
    if (person.is_disabled)
      return button("Enable account", () =>
        run(() => actions.enableUser(input), {
          success: () => toast.success(`${person.name} can sign in again.`),
        }),
      );
    return [
      button("Reset password", () =>
        run(() => actions.makeUserResetLink(input), {
          success: (link) => setMade(linkOf(link, person)),
        }),
      ),
      button("End sessions", () =>
        run(() => actions.endUserSessions(input), {
          success: () => toast.success(`${person.name} is signed out everywhere.`),
        }),
      ),
      ...(person.has_second_factor && person.email !== viewerEmail
        ? [button("Turn off two-step sign-in", () => setTurningOff(person))]
        : []),
      ...(person.email === viewerEmail ? [] : [button("Disable account", () => setDisabling(person))]),
    ];
  };
  const columns: DataColumn<PlatformUser>[] = [
    {
      key: "name",
      label: "Name",
      phone: "main",
      cell: (person) => (
        <>
          <div className={classes.name}>
            {person.name}{" "}
            {person.is_platform_admin ? (
              <Badge tone="info" icon={<IconShieldCog size={12} aria-hidden />} close>
                Platform administrator
              </Badge>
            ) : null}
          </div>
          <div className="tp-dim" style={{ overflowWrap: "anywhere" }}>
            {person.email}
          </div>
        </>
      ),
    },
    {
      key: "account",
      label: "Account",
      tight: true,
      cell: (person) => (
        <>
          <div>{person.is_disabled ? "Disabled" : "Active"}</div>
          {person.has_second_factor ? <div className="tp-dim">Two-step sign-in</div> : null}
        </>
      ),
    },
    { key: "tenants", label: "Tenants", tight: true, cell: (person) => String(person.tenants) },
    {
      key: "actions",
      label: "Actions",
      tight: true,
      cell: (person) => <div className={classes.buttons}>{buttons(person)}</div>,
    },
  ];
  return (
    <div className={classes.part}>
      <Panel flush title="People">
        <div className={classes.tools}>
          <SearchField label="Search people" />
        </div>
        <DataTable bare label="People" columns={columns} rows={people} rowKey={(person) => person.id} />
      </Panel>
      {disabling ? (
        <ConfirmDialog
          title={`Disable the account of ${disabling.name}?`}
          confirmLabel="Disable account"
          danger
          pending={pending}
          onClose={() => setDisabling(null)}
          onConfirm={() =>
            run(() => actions.disableUser({ user_id: disabling.id }), {
              success: () => {
                toast.success(`${disabling.name} cannot sign in any more.`);
                setDisabling(null);
              },
            })
          }
        >
          {disabling.name} ({disabling.email}) is signed out at once and cannot sign in, and the API tokens
          that they made stop working. You can enable the account again.
        </ConfirmDialog>
      ) : null}
      {turningOff ? (
        <ConfirmDialog
          title={`Turn off the two-step sign-in of ${turningOff.name}?`}
          confirmLabel="Turn off two-step sign-in"
          danger
          pending={pending}
          onClose={() => setTurningOff(null)}
          onConfirm={() =>
            run(() => actions.removeUserSecondFactor({ user_id: turningOff.id }), {
              success: () => {
                toast.success(`${turningOff.name} signs in with the password alone.`);
                setTurningOff(null);
              },
            })
          }
        >
          For somebody who lost both their authenticator app and their recovery codes: be sure that it is{" "}
          {turningOff.name} ({turningOff.email}) who asks. They are signed out everywhere, and their password
          alone lets them in.
        </ConfirmDialog>
      ) : null}
      {made ? (
        <SecretDialog title={made.title} made={made} onClose={() => setMade(null)}>
          {null}
        </SecretDialog>
      ) : null}
    </div>
  );
}

function linkOf(
  { path, expires_at }: { path: string; expires_at: string },
  person: PlatformUser,
): MadeSecret {
  return {
    title: "Send the link now",
    words: (
      <>
        Send this link to <strong>{person.email}</strong>, in a way that nobody else can read: whoever opens
        it chooses the password of {person.name}. It works once, until <AbsoluteTime at={expires_at} />, and
        is not shown again.
      </>
    ),
    secret: new URL(path, window.location.origin).href,
    copyLabel: "Copy link",
    doneLabel: "Done",
    testId: "reset-link",
  };
}
