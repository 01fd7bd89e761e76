"use client";

import { Button, Group } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { ApiTokenView } from "#lib/tokens/schema";
import type { createToken, revokeToken, rotateToken } from "#lib/tokens/tokens";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import type { ActionOf } from "../feedback/action-result.ts";
import { ConfirmDialog } from "../feedback/dialogs/confirm.ts";
import { EmptyState } from "../feedback/empty-state.tsx";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { useNow } from "../time/clock.tsx";
import { AbsoluteTime, RelativeTime } from "../time/instant.tsx";
import { PageHeader } from "../ui/page-header.tsx";

const NewTokenDialog = dynamic(
  () => import("./new-token-dialog.tsx").then((module) => module.NewTokenDialog),
  {
    ssr: false,
  },
);
const RotateTokenDialog = dynamic(
  () => import("./rotate-token-dialog.tsx").then((module) => module.RotateTokenDialog),
  {
    ssr: false,
  },
);

export interface TokenActions {
  create: ActionOf<typeof createToken>;
  rotate: ActionOf<typeof rotateToken>;
  revoke: ActionOf<typeof revokeToken>;
}

const states = { valid: "Valid", expired: "Expired", revoked: "Revoked", maker_gone: "Maker left" } as const;

/** The tenant's API tokens; new ones are shown once. */
export function TokensPanel({
  tokens,
  makes,
  actions,
}: {
  tokens: readonly ApiTokenView[];
  /** Where none is made or rotated, as in an archived tenant, they are still revoked. */
  makes: boolean;
  actions: TokenActions;
}) {
  const now = useNow();
  const { pending, run } = useAction();
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiTokenView | null>(null);
  const [rotating, setRotating] = useState<ApiTokenView | null>(null);
  // A page that stays open sees a token end.
  const stateOf = (token: ApiTokenView) =>
    token.state === "valid" && token.expires_at !== null && Date.parse(token.expires_at) <= now
      ? "expired"
      : token.state;
  const columns: DataColumn<ApiTokenView>[] = [
    {
      key: "name",
      label: "Name",
      phone: "main",
      cell: (token) => <span style={{ fontWeight: 550 }}>{token.name}</span>,
    },
    {
      key: "role",
      label: "Role",
      tight: true,
      cell: (token) =>
        token.effective_role === token.role ? token.role : `${token.role}, now ${token.effective_role}`,
    },
    {
      key: "state",
      label: "State",
      tight: true,
      cell: (token) => states[stateOf(token)],
    },
    {
      key: "created",
      label: "Created",
      tight: true,
      cell: (token) => (
        <>
          <AbsoluteTime at={token.created_at} />
          {token.created_by?.name ? <div className="tp-dim">{token.created_by.name}</div> : null}
        </>
      ),
    },
    {
      key: "expires",
      label: "Expires",
      tight: true,
      cell: (token) =>
        token.expires_at ? <AbsoluteTime at={token.expires_at} /> : <span className="tp-dim">Never</span>,
    },
    {
      key: "used",
      label: "Last used",
      tight: true,
      cell: (token) =>
        token.last_used_at ? (
          <>
            <RelativeTime at={token.last_used_at} />
            {token.last_used_address ? <div className="tp-dim">{token.last_used_address}</div> : null}
          </>
        ) : (
          <span className="tp-dim">Never</span>
        ),
    },
    {
      key: "actions",
      label: "Actions",
      tight: true,
      phone: "corner",
      cell: (token) =>
        token.state === "revoked" ? null : (
          <Group gap="xs" wrap="nowrap" justify="flex-end">
            {makes ? (
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => setRotating(token)}
                aria-label={`Rotate ${token.name}`}
              >
                Rotate
              </Button>
            ) : null}
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => setRevoking(token)}
              aria-label={`Revoke ${token.name}`}
            >
              Revoke
            </Button>
          </Group>
        ),
    },
  ];
  const create = makes ? (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>
      New token
    </Button>
  ) : undefined;
  return (
    <>
      <PageHeader title="API tokens" actions={tokens.length > 0 ? create : undefined}>
        For scripts: a token acts in this tenant alone, with the role you give it.
      </PageHeader>
      {tokens.length === 0 ? (
        <EmptyState icon={<IconKey size={22} />} title="No API tokens yet" action={create}>
          Scripts send a token as “Authorization: Bearer …” to create schedules, start runs and read backups.
        </EmptyState>
      ) : (
        <DataTable label="API tokens" columns={columns} rows={tokens} rowKey={(token) => token.id} />
      )}
      {creating ? <NewTokenDialog create={actions.create} onClose={() => setCreating(false)} /> : null}
      {rotating ? (
        <RotateTokenDialog token={rotating} rotate={actions.rotate} onClose={() => setRotating(null)} />
      ) : null}
      {revoking ? (
        <ConfirmDialog
          title={`Revoke “${revoking.name}”?`}
          confirmLabel="Revoke token"
          danger
          pending={pending}
          onClose={() => setRevoking(null)}
          onConfirm={() =>
            run(() => actions.revoke({ token_id: revoking.id }), {
              success: () => {
                toast.success(`“${revoking.name}” is revoked.`);
                setRevoking(null);
              },
            })
          }
        >
          Scripts that use it are refused from their next request on. This cannot be undone.
        </ConfirmDialog>
      ) : null}
    </>
  );
}
