"use server";

import { act } from "#app/action.ts";
import type { Role } from "#lib/access/permissions";
import { inviteMember, withdrawInvitation } from "#lib/members/invitations";
import { removeMember, setMemberRole } from "#lib/members/members";

export async function inviteMemberAction(tenantId: number, input: { email: string; role: Role }) {
  return act((actor) => inviteMember(actor, tenantId, input));
}

export async function withdrawInvitationAction(tenantId: number, invitation_id: number) {
  return act((actor) => withdrawInvitation(actor, tenantId, { invitation_id }));
}

export async function setMemberRoleAction(tenantId: number, input: { user_id: number; role: Role }) {
  return act((actor) => setMemberRole(actor, tenantId, input));
}

export async function removeMemberAction(tenantId: number, user_id: number) {
  return act((actor) => removeMember(actor, tenantId, { user_id }));
}
