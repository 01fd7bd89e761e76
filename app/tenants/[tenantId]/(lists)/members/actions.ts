"use server";

import type { Role } from "#lib/access/permissions";
import { addMember } from "#lib/tenants/add-member";
import { removeMember, setMemberRole } from "#lib/tenants/members";
import { act } from "../../../../action.ts";

export async function addMemberAction(tenantId: number, input: { email: string; name: string; role: Role }) {
  return act((actor) => addMember(actor, tenantId, input));
}

export async function setMemberRoleAction(tenantId: number, input: { user_id: number; role: Role }) {
  return act((actor) => setMemberRole(actor, tenantId, input));
}

export async function removeMemberAction(tenantId: number, user_id: number) {
  return act((actor) => removeMember(actor, tenantId, { user_id }));
}
