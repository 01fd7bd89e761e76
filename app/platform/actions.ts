"use server";

import * as deletion from "#lib/platform/delete-tenant";
import * as tenants from "#lib/platform/tenants";
import * as users from "#lib/platform/users";
import { act } from "../action.ts";

export async function createTenant(input: { name: string; owner_email: string }) {
  return act((actor) => tenants.createTenant(actor, input));
}

export async function renameTenant(input: { tenant_id: number; name: string }) {
  return act((actor) => tenants.renameTenant(actor, input));
}

export async function archiveTenant(input: { tenant_id: number }) {
  return act((actor) => tenants.archiveTenant(actor, input));
}

export async function unarchiveTenant(input: { tenant_id: number }) {
  return act((actor) => tenants.unarchiveTenant(actor, input));
}

export async function deleteTenant(input: { tenant_id: number; name: string }) {
  return act((actor) => deletion.deleteTenant(actor, input));
}

export async function disableUser(input: { user_id: number }) {
  return act((actor) => users.disableUser(actor, input));
}

export async function enableUser(input: { user_id: number }) {
  return act((actor) => users.enableUser(actor, input));
}

export async function endUserSessions(input: { user_id: number }) {
  return act((actor) => users.endUserSessions(actor, input));
}

export async function makeUserAdministrator(input: { user_id: number }) {
  return act((actor) => users.makeUserAdministrator(actor, input));
}

export async function unmakeUserAdministrator(input: { user_id: number }) {
  return act((actor) => users.unmakeUserAdministrator(actor, input));
}

export async function makeUserResetLink(input: { user_id: number }) {
  return act((actor) => users.makeUserResetLink(actor, input));
}

export async function removeUserSecondFactor(input: { user_id: number }) {
  return act((actor) => users.removeUserSecondFactor(actor, input));
}
