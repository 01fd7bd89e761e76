"use server";

import { act } from "#app/action.ts";
import type { Role } from "#lib/access/permissions";
import { createToken, revokeToken, rotateToken } from "#lib/tokens/tokens";

export async function createTokenAction(
  tenantId: number,
  input: { name: string; role: Role; expires_at: string | null },
) {
  return act((actor) => createToken(actor, tenantId, input));
}

export async function rotateTokenAction(
  tenantId: number,
  input: { token_id: number; overlap_hours: number },
) {
  return act((actor) => rotateToken(actor, tenantId, input));
}

export async function revokeTokenAction(tenantId: number, token_id: number) {
  return act((actor) => revokeToken(actor, tenantId, { token_id }));
}
