import { z } from "zod";
import type { Role } from "#lib/access/permissions";
import { hashToken, newToken } from "#lib/access/secret-token";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { tokenCreateSchema } from "./schema.ts";

/** An API token as lists show it; the token itself is shown once, when it is made. */
export interface ApiTokenView {
  id: number;
  name: string;
  role: Role;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

/** The tenant's tokens, newest first. */
export const listTokens = operation({
  name: "token.list",
  permission: "token:manage",
  effect: "read",
  input: z.strictObject({}),
  async run({ db }): Promise<ApiTokenView[]> {
    const rows = await db.apiToken.findMany({ orderBy: { id: "desc" }, take: 500 });
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      role: row.role,
      created_at: row.created_at.toISOString(),
      expires_at: row.expires_at?.toISOString() ?? null,
      last_used_at: row.last_used_at?.toISOString() ?? null,
      revoked_at: row.revoked_at?.toISOString() ?? null,
    }));
  },
});

/** Makes a token. @returns the token in clear: this is the only time it can be seen. */
export const createToken = operation({
  name: "token.create",
  permission: "token:manage",
  effect: "write",
  input: tokenCreateSchema,
  async run({ db, tenant, actor, audit }, input): Promise<{ id: number; token: string }> {
    const token = newToken();
    const row = await db.apiToken.create({
      data: {
        tenant_id: tenant.id,
        name: input.name,
        role: input.role,
        expires_at: input.expires_at,
        token_hash: hashToken(token),
        created_by: actor.kind === "user" ? actor.id : null,
      },
    });
    audit({ action: "token.created", target: { kind: "token", id: row.id }, details: { ...input } });
    return { id: row.id, token };
  },
});

/** Revokes a token; it stops working with the next request. @throws AppError NOT_FOUND */
export const revokeToken = operation({
  name: "token.revoke",
  permission: "token:manage",
  effect: "write",
  input: z.strictObject({ token_id: idSchema }),
  async run({ db, now, audit, unchanged }, { token_id }): Promise<void> {
    const row = await db.apiToken.findFirst({ where: { id: token_id } });
    if (!row) throw new AppError("NOT_FOUND", "There is no such token in this tenant.");
    if (row.revoked_at) return unchanged();
    await db.apiToken.update({
      where: { tenant_id_id: { tenant_id: row.tenant_id, id: row.id } },
      data: { revoked_at: now },
    });
    audit({ action: "token.revoked", target: { kind: "token", id: row.id }, details: { name: row.name } });
  },
});
