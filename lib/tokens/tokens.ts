import { z } from "zod";
import { isLower, type Role } from "#lib/access/permissions";
import { hashToken, newToken } from "#lib/access/secret-token";
import { raiseAlerts } from "#lib/alerts/raise";
import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { tokenLifetimeDays } from "#lib/limits";
import { operation } from "#lib/operation";
import { present } from "#lib/present";
import { requireRoom } from "#lib/quotas";
import { type ApiTokenView, tokenCreateSchema, tokenRotateSchema } from "./schema.ts";
import { newTokenView, rotatedTokenView, tokenView } from "./views.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Whoever asks for exactly a year has a clock of their own. */
const toleranceMs = hourMs;

interface Row {
  id: number;
  name: string;
  role: Role;
  created_by: number | null;
  created_at: Date;
  expires_at: Date;
  last_used_at: Date | null;
  last_used_address: string | null;
  rotated_at: Date | null;
  previous_expires_at: Date | null;
  revoked_at: Date | null;
  maker_name: string | null;
  /** Null when the maker is no member any more, or disabled. */
  maker_role: Role | null;
  effective_role: Role;
}

/** Of how many tokens the list tells that have ended; of those that have not, of all. */
const endedMost = 500;

/** The tenant's tokens: those that have not ended first, each newest first. */
export const listTokens = operation({
  name: "token.list",
  permission: "token:manage",
  effect: "read",
  input: z.strictObject({}),
  output: z.array(tokenView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/api-tokens",
    operationId: "listApiTokens",
    summary: "The API tokens of a tenant",
    tag: "API tokens",
    description: `Those that have not ended first, and of the others ${endedMost}. Not paged.`,
    answer: "Newest first, without the tokens themselves",
  },
  async run({ db, now }) {
    return (await readTokens(db)).map((row) => presentToken(row, now));
  },
});

/** Makes a token. @throws AppError VALIDATION_FAILED when it would end in the past, or in more than a year. */
export const createToken = operation({
  name: "token.create",
  permission: "token:manage",
  effect: "write",
  input: tokenCreateSchema,
  output: newTokenView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/api-tokens",
    operationId: "createApiToken",
    summary: "Make an API token",
    description: "It works while who makes it is a member, with no more than their role.",
    tag: "API tokens",
    status: 201,
    answer: "Made",
    errors: ["QUOTA_EXCEEDED"],
  },
  async run({ db, tenant, actor, now, audit }, { name, role, expires_at }) {
    const ends = endOf(expires_at, now);
    await requireRoom(db, tenant.id, "tokens");
    const token = newToken();
    const row = await db.apiToken.create({
      data: {
        tenant_id: tenant.id,
        name,
        role,
        expires_at: ends,
        token_hash: hashToken(token),
        created_by: actor.id,
      },
      select: { id: true },
    });
    const details = { name, role, expires_at: ends.toISOString() };
    audit({ action: "token.created", target: { kind: "token", id: row.id }, details });
    await raiseAlerts(db, [
      {
        kind: "token.created",
        tenant_id: tenant.id,
        title: "API token made",
        body: `${actor.name} made the API token "${name}" with the role ${role}.`,
        link: `/tenants/${tenant.id}/api-tokens`,
        data: { token_id: row.id, role },
      },
    ]);
    return { id: row.id, token, expires_at: ends.toISOString() };
  },
});

/**
 * Gives a token a new secret and a new end. The old secret works a while longer, so that scripts can be changed one after the
 * other; but not when it did not work anyway, nor when it could do less than the new one, because its maker may: who knows it
 * is not to gain by another's rotating, nor to keep by it what they lose later (`endFormerSecretsOf`). Whoever rotates a token
 * has its secret, and becomes its maker.
 * @throws AppError NOT_FOUND; CONFLICT when it was revoked; QUOTA_EXCEEDED when it had ended and there is no room for one more;
 *   VALIDATION_FAILED as for a new token
 */
export const rotateToken = operation({
  name: "token.rotate",
  permission: "token:manage",
  effect: "write",
  input: tokenRotateSchema.extend({ token_id: idSchema }),
  output: rotatedTokenView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/api-tokens/{tokenId}/rotate",
    operationId: "rotateApiToken",
    summary: "Give an API token a new secret",
    description:
      "The old one works a while longer, unless the new one can do more than its maker could, and ends when its maker may do less " +
      "than the token. Whoever rotates a token becomes its maker.",
    tag: "API tokens",
    answer: "The new secret",
    errors: ["CONFLICT", "QUOTA_EXCEEDED"],
  },
  async run({ db, tenant, actor, now, audit }, input) {
    const id = input.token_id;
    // Of two who rotate it at once, or one who takes from its maker what they may, the second finds what the first has done.
    await db.$queryRaw`SELECT 1 FROM api_tokens WHERE id = ${id} FOR NO KEY UPDATE`;
    const [row] = await readTokens(db, id);
    if (!row) throw noSuchToken();
    const { name, state } = presentToken(row, now);
    if (state === "revoked")
      throw new AppError("CONFLICT", "A revoked token cannot be rotated. Make a new one.");
    // One that has ended was not counted, and works again.
    if (state === "expired") await requireRoom(db, tenant.id, "tokens");
    const token = newToken();
    const ends = endOf(input.expires_at, now);
    const previousEnd = new Date(now.getTime() + input.overlap_hours * hourMs);
    const grows = isLower(row.effective_role, row.role) && row.created_by !== actor.id;
    const overlaps = state === "valid" && input.overlap_hours > 0 && !grows;
    const previous_expires_at = overlaps
      ? previousEnd < row.expires_at
        ? previousEnd
        : row.expires_at
      : null;
    // The database keeps the old secret's hash as long as that still works: this role may not read it.
    await db.$executeRaw`
      UPDATE api_tokens SET previous_expires_at = ${previous_expires_at},
        token_hash = ${hashToken(token)}, expires_at = ${ends}, rotated_at = ${now}, created_by = ${actor.id}
      WHERE tenant_id = ${tenant.id} AND id = ${id}`;
    const answer = {
      expires_at: ends.toISOString(),
      previous_expires_at: previous_expires_at?.toISOString() ?? null,
    };
    const isAnothers = row.created_by !== null && row.created_by !== actor.id;
    const details = { name, ...answer, ...(overlaps && isAnothers && { former_maker: row.created_by }) };
    audit({ action: "token.rotated", target: { kind: "token", id }, details });
    return { id, token, ...answer };
  },
});

/** Revokes a token; it stops working with the next request. @throws AppError NOT_FOUND */
export const revokeToken = operation({
  name: "token.revoke",
  permission: "token:manage",
  effect: "write",
  endsAccess: true,
  input: z.strictObject({ token_id: idSchema }),
  output: z.void(),
  http: {
    method: "DELETE",
    path: "/tenants/{tenantId}/api-tokens/{tokenId}",
    operationId: "revokeApiToken",
    summary: "Revoke an API token",
    tag: "API tokens",
    status: 204,
    answer: "Revoked; it stops working at once",
  },
  async run({ db, now, audit, unchanged }, { token_id }) {
    const row = await db.apiToken.findFirst({
      where: { id: token_id },
      select: { name: true, revoked_at: true },
    });
    if (!row) throw noSuchToken();
    if (row.revoked_at) return unchanged();
    await db.apiToken.updateMany({ where: { id: token_id }, data: { revoked_at: now } });
    audit({ action: "token.revoked", target: { kind: "token", id: token_id }, details: { name: row.name } });
  },
});

/** Of a token `k`. One whose maker is gone has not ended: they may come back. */
const notEnded = Prisma.sql`(k.revoked_at IS NULL AND k.expires_at > now())`;

function readTokens(db: Tx, id: number | null = null): Promise<Row[]> {
  return db.$queryRaw<Row[]>`
    SELECT k.id, k.name, k.role::text AS role, k.created_by, k.created_at, k.expires_at, k.last_used_at,
           k.last_used_address, k.rotated_at, k.previous_expires_at, k.revoked_at, u.name AS maker_name,
           CASE WHEN u.disabled_at IS NULL THEN m.role::text END AS maker_role,
           least(k.role, m.role)::text AS effective_role
    FROM api_tokens k
    LEFT JOIN memberships m ON m.tenant_id = k.tenant_id AND m.user_id = k.created_by
    LEFT JOIN users u ON u.id = m.user_id
    WHERE k.id = ${id}::int OR ${id}::int IS NULL AND (
      ${notEnded} OR k.id IN (SELECT k.id FROM api_tokens k WHERE NOT ${notEnded} ORDER BY k.id DESC LIMIT ${endedMost}))
    ORDER BY ${notEnded} DESC, k.id DESC`;
}

function presentToken(row: Row, now: Date): ApiTokenView {
  const previousWorks = row.previous_expires_at !== null && row.previous_expires_at > now;
  return present(tokenView, {
    ...row,
    state: stateOf(row, now),
    created_by: row.created_by === null ? null : { user_id: row.created_by, name: row.maker_name },
    previous_expires_at: previousWorks ? row.previous_expires_at : null,
  });
}

function stateOf(row: Row, now: Date): ApiTokenView["state"] {
  if (row.revoked_at) return "revoked";
  if (row.expires_at <= now) return "expired";
  return row.created_by !== null && row.maker_role === null ? "maker_gone" : "valid";
}

function endOf(wanted: string | null, now: Date): Date {
  if (wanted === null) return new Date(now.getTime() + tokenLifetimeDays.default * dayMs);
  const end = new Date(wanted);
  if (end <= now) throw endFault("must be in the future");
  if (end.getTime() > now.getTime() + tokenLifetimeDays.most * dayMs + toleranceMs)
    throw endFault("must be within a year from now");
  return end;
}

function endFault(message: string): AppError {
  return new AppError("VALIDATION_FAILED", `expires_at: ${message}`, {
    errors: [{ path: "expires_at", message }],
  });
}

function noSuchToken(): AppError {
  return new AppError("NOT_FOUND", "There is no such token in this tenant.");
}
