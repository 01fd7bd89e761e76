"use server";

import { act } from "#app/action.ts";
import { setsToVerify, verifySet, verifySets } from "#lib/integrity/verify";
import { removeSet, restoreSet } from "#lib/sets/bin";
import { pinSet, unpinSet } from "#lib/sets/pin";

export async function verifySetAction(tenantId: number, input: { set_id: number }) {
  return act((actor) => verifySet(actor, tenantId, input));
}

export async function setsToVerifyAction(tenantId: number) {
  return act((actor) => setsToVerify(actor, tenantId, { unverified_for_hours: 0 }));
}

export async function verifySetsAction(tenantId: number, input: { set_ids: number[] }) {
  return act((actor) => verifySets(actor, tenantId, input));
}

export async function pinSetAction(tenantId: number, input: { set_id: number }) {
  return act((actor) => pinSet(actor, tenantId, input));
}

export async function unpinSetAction(tenantId: number, input: { set_id: number }) {
  return act((actor) => unpinSet(actor, tenantId, input));
}

export async function removeSetAction(tenantId: number, input: { set_id: number }) {
  return act((actor) => removeSet(actor, tenantId, input));
}

export async function restoreSetAction(tenantId: number, input: { set_id: number }) {
  return act((actor) => restoreSet(actor, tenantId, input));
}
