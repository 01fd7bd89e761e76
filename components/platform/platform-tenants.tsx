"use client";

import { Button } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { NewInvitation } from "#lib/members/invitation-schema";
import type { PlatformTenant } from "#lib/platform/schema";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import type { Action } from "../feedback/action-result.ts";
import { ConfirmDialog } from "../feedback/dialogs/confirm.ts";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { AbsoluteTime } from "../time/instant.tsx";
import { ArchivedBadge } from "../ui/archived-badge.tsx";
import { Badge } from "../ui/badge.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./platform.module.css";

const CreateTenantDialog = dynamic(
  () => import("./create-tenant-dialog.tsx").then((module) => module.CreateTenantDialog),
  { ssr: false },
);
const TenantNameDialog = dynamic(
  () => import("./tenant-name-dialog.tsx").then((module) => module.TenantNameDialog),
  { ssr: false },
);

export interface PlatformTenantActions {
  createTenant: Action<{ name: string; owner_email: string }, { id: number; invitation: NewInvitation }>;
  renameTenant: Action<{ tenant_id: number; name: string }, void>;
  archiveTenant: Action<{ tenant_id: number }, void>;
  unarchiveTenant: Action<{ tenant_id: number }, void>;
  deleteTenant: Action<{ tenant_id: number; name: string }, void>;
}

type Asked = { what: "rename" | "archive" | "delete"; tenant: PlatformTenant };

/** All tenants, and what is done to them as a whole. */
export function PlatformTenants({
  tenants,
  now,
  actions,
}: {
  tenants: readonly PlatformTenant[];
  /** When the page was made, in milliseconds since the epoch. */
  now: number;
  actions: PlatformTenantActions;
}) {
  const { pending, run } = useAction();
  const [creating, setCreating] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => setAsked(null);

  const buttons = (tenant: PlatformTenant) => {
    const button = (label: string, act: () => void, danger = false) => (
      <Button
        size="compact-sm"
        variant="default"
        disabled={pending}
        aria-label={`${label} ${tenant.name}`}
        onClick={act}
        {...(danger ? { c: "var(--mantine-color-error)" } : {})}
      >
        {label}
      </Button>
    );
    const ask = (what: Asked["what"]) => () => setAsked({ what, tenant });
    if (tenant.is_being_deleted) return button("Delete", ask("delete"), true);
    if (!tenant.archived_at)
      return (
        <>
          {button("Rename", ask("rename"))}
          {button("Archive", ask("archive"))}
        </>
      );
    return (
      <>
        {button("Take back", () =>
          run(() => actions.unarchiveTenant({ tenant_id: tenant.id }), {
            success: () => toast.success(`${tenant.name} is backed up again.`),
          }),
        )}
        {isDeletable(tenant, now) ? button("Delete", ask("delete"), true) : null}
      </>
    );
  };
  const columns: DataColumn<PlatformTenant>[] = [
    {
      key: "name",
      label: "Name",
      phone: "main",
      cell: (tenant) => (
        <span className={classes.name}>
          {tenant.name} <State tenant={tenant} />
          {tenant.archived_at && tenant.deletable_at && !isDeletable(tenant, now) ? (
            <span className={classes.hint}>
              Can be deleted from <AbsoluteTime at={tenant.deletable_at} /> on
            </span>
          ) : null}
        </span>
      ),
    },
    { key: "members", label: "Members", tight: true, cell: membersWords },
    {
      key: "created",
      label: "Created",
      tight: true,
      cell: (tenant) => <AbsoluteTime at={tenant.created_at} />,
    },
    {
      key: "actions",
      label: "Actions",
      tight: true,
      cell: (tenant) => <div className={classes.buttons}>{buttons(tenant)}</div>,
    },
  ];
  return (
    <div className={classes.part}>
      <Panel
        flush
        title="Tenants"
        action={
          <Button
            size="compact-sm"
            leftSection={<IconPlus size={16} aria-hidden />}
            onClick={() => setCreating(true)}
          >
            New tenant
          </Button>
        }
      >
        <DataTable bare label="Tenants" columns={columns} rows={tenants} rowKey={(tenant) => tenant.id} />
      </Panel>
      {creating ? (
        <CreateTenantDialog create={actions.createTenant} onClose={() => setCreating(false)} />
      ) : null}
      {asked?.what === "rename" ? (
        <TenantNameDialog
          title={`Rename ${asked.tenant.name}`}
          label="Name"
          initial={asked.tenant.name}
          confirmLabel="Rename"
          submit={(name) => actions.renameTenant({ tenant_id: asked.tenant.id, name })}
          onDone={(name) => {
            toast.success(`The tenant is called ${name} now.`);
            close();
          }}
          onClose={close}
        />
      ) : null}
      {asked?.what === "archive" ? (
        <ConfirmDialog
          title={`Archive ${asked.tenant.name}?`}
          confirmLabel="Archive"
          pending={pending}
          onClose={close}
          onConfirm={() =>
            run(() => actions.archiveTenant({ tenant_id: asked.tenant.id }), {
              success: () => {
                toast.success(`${asked.tenant.name} is archived.`);
                close();
              },
            })
          }
        >
          No backup of this tenant starts any more, and its members can look at it and export from it, but
          change nothing. You can take it back; after a waiting time you can delete it.
        </ConfirmDialog>
      ) : null}
      {asked?.what === "delete" ? (
        <TenantNameDialog
          title={`Delete ${asked.tenant.name} for good?`}
          words="Its backups, schedules, connection, members and audit log are removed. There is no way back."
          label={`Type ${asked.tenant.name} to delete it`}
          confirmLabel="Delete for good"
          danger
          submit={(name) => actions.deleteTenant({ tenant_id: asked.tenant.id, name })}
          onDone={(name) => {
            toast.success(`${name} is gone.`);
            close();
          }}
          onClose={close}
        />
      ) : null}
    </div>
  );
}

function State({ tenant }: { tenant: PlatformTenant }) {
  if (tenant.is_being_deleted)
    return (
      <Badge tone="danger" icon={<IconTrash size={12} aria-hidden />} close>
        Being deleted
      </Badge>
    );
  if (!tenant.archived_at) return null;
  return <ArchivedBadge />;
}

/** As far as is known here: the database decides. */
function isDeletable({ is_being_deleted, deletable_at }: PlatformTenant, now: number): boolean {
  return is_being_deleted || (deletable_at !== null && Date.parse(deletable_at) <= now);
}

function membersWords({ members, owners }: PlatformTenant): string {
  if (members === 0) return "None yet";
  if (owners === 0) return `${members}, no owner`;
  return `${members}, ${owners} of them ${owners === 1 ? "owner" : "owners"}`;
}
