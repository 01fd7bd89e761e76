"use client";

import { Button } from "@mantine/core";
import { IconSearchOff, IconShieldCog } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { peopleListed } from "#lib/limits";
import type { PlatformUser } from "#lib/platform/schema";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import { SearchField } from "../data-table/search-field.tsx";
import type { Action } from "../feedback/action-result.ts";
import { ConfirmDialog } from "../feedback/dialogs/confirm.ts";
import type { MadeSecret } from "../feedback/dialogs/secret-dialog.tsx";
import { EmptyState } from "../feedback/empty-state.tsx";
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
  makeUserAdministrator: OnUser<void>;
  unmakeUserAdministrator: OnUser<void>;
}

type Asked = { what: keyof typeof actionOf; person: PlatformUser };

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
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => setAsked(null);
  const [made, setMade] = useState<{ secret: MadeSecret; opener: HTMLElement } | null>(null);

  const buttons = (person: PlatformUser) => {
    const input = { user_id: person.id };
    const button = (label: string, act: (opener: HTMLElement) => void) => (
      <Button
        key={label}
        size="compact-sm"
        variant="default"
        disabled={pending}
        aria-label={`${label} of ${person.name}`}
        onClick={({ currentTarget }) => act(currentTarget)}
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
      button("Reset password", (opener) =>
        run(() => actions.makeUserResetLink(input), {
          success: (link) => setMade({ secret: linkOf(link, person), opener }),
        }),
      ),
      button("End sessions", () =>
        run(() => actions.endUserSessions(input), {
          success: () => toast.success(`${person.name} is signed out everywhere.`),
        }),
      ),
      ...(person.has_second_factor && person.email !== viewerEmail
        ? [button("Turn off two-step sign-in", () => setAsked({ what: "turn off second factor", person }))]
        : []),
      ...(person.email === viewerEmail
        ? []
        : [
            button("Disable account", () => setAsked({ what: "disable", person })),
            person.is_platform_admin
              ? button("Remove as administrator", () => setAsked({ what: "unmake administrator", person }))
              : button("Make administrator", () => setAsked({ what: "make administrator", person })),
          ]),
    ];
  };
  const columns: DataColumn<PlatformUser>[] = [
    {
      key: "name",
      label: "Name",
      phone: "main",
      cell: (person) => (
        <div>
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
        </div>
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
        {people.length > 0 ? (
          <DataTable bare label="People" columns={columns} rows={people} rowKey={(person) => person.id} />
        ) : (
          <EmptyState icon={<IconSearchOff size={22} />} title="Nobody matches">
            No name and no address has this in it.
          </EmptyState>
        )}
        {people.length >= peopleListed ? (
          <p className={classes.left}>
            At most {peopleListed} people are listed, in the order of their names. Search for others.
          </p>
        ) : null}
      </Panel>
      {asked ? (
        <AskedDialog
          {...asked}
          pending={pending}
          onClose={close}
          onConfirm={(done) =>
            run<unknown>(() => actions[actionOf[asked.what]]({ user_id: asked.person.id }), {
              success: () => {
                toast.success(done);
                close();
              },
            })
          }
        />
      ) : null}
      {made ? (
        <SecretDialog
          title={made.secret.title}
          made={made.secret}
          opener={made.opener}
          onClose={() => setMade(null)}
        >
          {null}
        </SecretDialog>
      ) : null}
    </div>
  );
}

const actionOf = {
  disable: "disableUser",
  "make administrator": "makeUserAdministrator",
  "unmake administrator": "unmakeUserAdministrator",
  "turn off second factor": "removeUserSecondFactor",
} as const;

/** Asks whether it is meant, and says what it does. */
function AskedDialog({
  what,
  person,
  pending,
  onClose,
  onConfirm,
}: Asked & { pending: boolean; onClose: () => void; onConfirm: (done: string) => void }) {
  const { name, email } = person;
  const dialog = { pending, onClose };
  switch (what) {
    case "disable":
      return (
        <ConfirmDialog
          {...dialog}
          title={`Disable the account of ${name}?`}
          confirmLabel="Disable account"
          danger
          onConfirm={() => onConfirm(`${name} cannot sign in any more.`)}
        >
          {name} ({email}) is signed out at once and cannot sign in, and the API tokens that they made stop
          working. You can enable the account again.
        </ConfirmDialog>
      );
    case "make administrator":
      return (
        <ConfirmDialog
          {...dialog}
          title={`Make ${name} a platform administrator?`}
          confirmLabel="Make administrator"
          onConfirm={() => onConfirm(`${name} is a platform administrator now.`)}
        >
          {name} ({email}) can then do all that you can do here: make, archive and delete tenants, disable
          people, and let them in again. No tenant opens by it.
        </ConfirmDialog>
      );
    case "unmake administrator":
      return (
        <ConfirmDialog
          {...dialog}
          title={`Remove ${name} as a platform administrator?`}
          confirmLabel="Remove as administrator"
          danger
          onConfirm={() => onConfirm(`${name} is no platform administrator any more.`)}
        >
          {name} ({email}) loses this page at once, and keeps their account and their tenants.
        </ConfirmDialog>
      );
    case "turn off second factor":
      return (
        <ConfirmDialog
          {...dialog}
          title={`Turn off the two-step sign-in of ${name}?`}
          confirmLabel="Turn off two-step sign-in"
          danger
          onConfirm={() => onConfirm(`${name} signs in with the password alone.`)}
        >
          For somebody who lost both their authenticator app and their recovery codes: be sure that it is{" "}
          {name} ({email}) who asks. They are signed out everywhere, and their password alone lets them in.
        </ConfirmDialog>
      );
  }
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
