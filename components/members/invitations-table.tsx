"use client";

import { Button } from "@mantine/core";
import { useState } from "react";
import type { InvitationView } from "#lib/members/invitation-schema";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import { ConfirmDialog } from "../feedback/dialogs/confirm.ts";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { AbsoluteTime } from "../time/instant.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./members.module.css";
import type { MemberActions } from "./members-panel.tsx";

/** Who was invited and has not accepted yet. */
export function InvitationsTable({
  invitations,
  withdraw,
}: {
  invitations: readonly InvitationView[];
  withdraw: MemberActions["withdraw"];
}) {
  const { pending, run } = useAction();
  const [withdrawing, setWithdrawing] = useState<InvitationView | null>(null);
  const columns: DataColumn<InvitationView>[] = [
    {
      key: "email",
      label: "Email",
      phone: "main",
      cell: (invitation) => (
        <div className={classes.besideButton} style={{ overflowWrap: "anywhere" }}>
          {invitation.email}
        </div>
      ),
    },
    { key: "role", label: "Role", tight: true, cell: (invitation) => invitation.role },
    {
      key: "by",
      label: "Invited by",
      tight: true,
      cell: (invitation) => invitation.invited_by ?? <span className="tp-dim">–</span>,
    },
    {
      key: "expires",
      label: "Expires",
      tight: true,
      cell: (invitation) =>
        invitation.is_expired ? (
          "Expired"
        ) : invitation.is_inviter_gone ? (
          "Inviter is gone"
        ) : (
          <AbsoluteTime at={invitation.expires_at} />
        ),
    },
    {
      key: "actions",
      label: "Actions",
      tight: true,
      phone: "corner",
      cell: (invitation) => (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => setWithdrawing(invitation)}
          aria-label={`Withdraw the invitation of ${invitation.email}`}
        >
          Withdraw
        </Button>
      ),
    },
  ];
  return (
    <>
      <Panel title="Open invitations" flush>
        <DataTable
          label="Open invitations"
          columns={columns}
          rows={invitations}
          rowKey={(invitation) => invitation.id}
          bare
        />
      </Panel>
      {withdrawing ? (
        <ConfirmDialog
          title="Withdraw the invitation?"
          confirmLabel="Withdraw invitation"
          danger
          pending={pending}
          onClose={() => setWithdrawing(null)}
          onConfirm={() =>
            run(() => withdraw({ invitation_id: withdrawing.id }), {
              success: () => {
                toast.success(`The invitation of ${withdrawing.email} is withdrawn.`);
                setWithdrawing(null);
              },
              problem: () => {
                setWithdrawing(null);
                return false;
              },
            })
          }
        >
          The link that was sent to {withdrawing.email} stops working at once.
        </ConfirmDialog>
      ) : null}
    </>
  );
}
