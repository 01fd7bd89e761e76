"use server";

import { action } from "#app/action.ts";
import { inviteMember, withdrawInvitation } from "#lib/members/invitations";
import { removeMember, setMemberRole } from "#lib/members/members";
import { addRoleRule, removeRoleRule } from "#lib/members/role-rules";

export const invite = action(inviteMember);
export const withdraw = action(withdrawInvitation);
export const setRole = action(setMemberRole);
export const remove = action(removeMember);
export const addRule = action(addRoleRule);
export const removeRule = action(removeRoleRule);
