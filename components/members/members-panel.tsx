"use client";

import { Button } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { can, canIn, isLower, type Role, roles, type Standing } from "#lib/access/permissions";
import type { InvitationView } from "#lib/members/invitation-schema";
import type { inviteMember, withdrawInvitation } from "#lib/members/invitations";
import type { MemberView, removeMember, setMemberRole } from "#lib/members/members";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import type { ActionOf } from "../feedback/action-result.ts";
import { ConfirmDialog } from "../feedback/dialogs/confirm.ts";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { ActingSelect } from "../form/acting-select.tsx";
import { AbsoluteTime } from "../time/instant.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { InvitationsTable } from "./invitations-table.tsx";
import classes from "./members.module.css";

const InviteDialog = dynamic(() => import("./invite-dialog.tsx").then((module) => module.InviteDialog), {
  ssr: false,
});
export interface MemberActions {
  invite: ActionOf<typeof inviteMember>;
  withdraw: ActionOf<typeof withdrawInvitation>;
  setRole: ActionOf<typeof setMemberRole>;
  remove: ActionOf<typeof removeMember>;
}

/** Who has access to the tenant, and as what. Owners change it. */
export function MembersPanel({
  members,
  invitations,
  viewer,
  viewerEmail,
  followsEntra,
  hasRules,
  actions,
}: {
  members: readonly MemberView[];
  /** Open ones, for those who may invite. */
  invitations: readonly InvitationView[];
  viewer: Standing;
  viewerEmail: string;
  /** People sign in with Microsoft here, and rules may give them roles. */
  followsEntra: boolean;
  /** The tenant has such rules, as far as the viewer may see them. */
  hasRules: boolean;
  actions: MemberActions;
}) {
  const { pending, run } = useAction();
  const [inviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<MemberView | null>(null);
  const [changing, setChanging] = useState<{ member: MemberView; to: Role } | null>(null);
  const writes = canIn(viewer, "member:write");
  const removes = can(viewer.role, "member:write");
  // In an archived tenant a role is only lowered.
  const offered = (role: Role) => roles.filter((each) => removes && (writes || !isLower(role, each)));

  const setRole = (member: MemberView, to: Role) =>
    run(() => actions.setRole({ user_id: member.user_id, role: to }), {
      success: () => toast.success(`${member.name} is ${to} now.`),
    });
  const columns: DataColumn<MemberView>[] = [
    {
      key: "name",
      label: "Name",
      phone: "main",
      cell: (member) => (
        <div className={removes ? classes.besideButton : undefined}>
          <div style={{ fontWeight: 550 }}>
            {member.name}
            {member.email === viewerEmail ? <span className="tp-dim"> (you)</span> : null}
          </div>
          <div className="tp-dim" style={{ overflowWrap: "anywhere" }}>
            {member.email}
          </div>
        </div>
      ),
    },
    {
      key: "role",
      label: "Role",
      tight: true,
      cell: (member) =>
        offered(member.role).length > 1 ? (
          <ActingSelect
            size="xs"
            label={`Role of ${member.name}`}
            w="8rem"
            value={member.role}
            disabled={pending}
            data={offered(member.role).map((each) => ({ value: each, label: each }))}
            onChoose={(value) => {
              const to = roles.find((known) => known === value);
              if (!to) return;
              // Giving up one's own rights, or making someone an owner, deserves a second look.
              if (to === "owner" || member.email === viewerEmail) setChanging({ member, to });
              else setRole(member, to);
            }}
          />
        ) : (
          member.role
        ),
    },
    {
      key: "account",
      label: "Account",
      tight: true,
      cell: (member) => (member.is_disabled ? "Disabled" : "Active"),
    },
    {
      key: "since",
      label: "Member since",
      tight: true,
      cell: (member) => <AbsoluteTime at={member.since} />,
    },
    ...(removes
      ? [
          {
            key: "actions",
            label: "Actions",
            tight: true,
            phone: "corner" as const,
            cell: (member: MemberView) => (
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => setRemoving(member)}
                aria-label={`Remove ${member.name}`}
              >
                Remove
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      <PageHeader
        title="Members"
        actions={
          writes ? (
            <Button leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setInviting(true)}>
              Invite member
            </Button>
          ) : undefined
        }
      >
        Readonly sees everything but secrets. Operator also runs, retries and cancels. Manager also writes
        schedules. Owner also manages members, tokens and the connection.
        {followsEntra
          ? " Where the tenant has rules for Microsoft Entra ID, roles follow them whenever somebody signs in with Microsoft."
          : null}
      </PageHeader>
      <DataTable label="Members" columns={columns} rows={members} rowKey={(member) => member.user_id} />
      {invitations.length > 0 ? (
        <div style={{ marginTop: "1.5rem" }}>
          <InvitationsTable invitations={invitations} withdraw={actions.withdraw} />
        </div>
      ) : null}
      {inviting ? <InviteDialog invite={actions.invite} onClose={() => setInviting(false)} /> : null}
      {removing ? (
        <ConfirmDialog
          title={`Remove ${removing.name}?`}
          confirmLabel="Remove member"
          danger
          pending={pending}
          onClose={() => setRemoving(null)}
          onConfirm={() =>
            run(() => actions.remove({ user_id: removing.user_id }), {
              success: () => {
                toast.success(`${removing.name} is no longer a member.`);
                setRemoving(null);
              },
              problem: () => {
                setRemoving(null);
                return false;
              },
            })
          }
        >
          {removing.name} ({removing.email}) loses access to this tenant at once. Their account, and what they
          did here, stays.
          {hasRules && !viewer.is_archived
            ? " If a rule for Microsoft Entra ID is for them, their next sign-in with Microsoft brings them back: have them taken out of the group or the app role first, or remove the rule."
            : null}
        </ConfirmDialog>
      ) : null}
      {changing ? (
        <ConfirmDialog
          title={`Make ${changing.member.email === viewerEmail ? "yourself" : changing.member.name} ${changing.to}?`}
          confirmLabel="Change role"
          onClose={() => setChanging(null)}
          onConfirm={() => {
            setRole(changing.member, changing.to);
            setChanging(null);
          }}
        >
          {changing.to === "owner"
            ? "An owner may do everything in this tenant: members, API tokens and the connection."
            : `You will have the rights of the role ${changing.to}, and cannot take this back yourself.`}
        </ConfirmDialog>
      ) : null}
    </>
  );
}
