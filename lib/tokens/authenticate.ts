import type { Actor } from "#lib/access/actor";
import { canBeToken, hashToken } from "#lib/access/secret-token";
import { networkKey, recordSecurityEvent, strangers } from "#lib/audit/security";
import { transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";

/**
 * Who a bearer token stands for.
 * @param client the client's IP address, kept beside the time of use; null when it is not known
 * @throws AppError UNAUTHENTICATED when it is unknown, expired or revoked, or its maker is no member any more.
 */
export async function authenticateToken(token: string, client: string | null): Promise<Actor> {
  const row = canBeToken(token) ? await lookUp(hashToken(token), client) : undefined;
  if (!row) {
    void recordSecurityEvent(
      { action: "access.unknown_token", in: "platform", by: null, distinct: strangers(client) },
      client,
    );
    throw new AppError(
      "UNAUTHENTICATED",
      "The token is not valid: unknown, expired or revoked, or who made it has left the tenant.",
    );
  }
  if (client !== null && row.last_used_address !== client)
    void recordSecurityEvent(
      {
        action: "token.new_address",
        in: { tenant: row.tenant_id },
        by: { kind: "token", id: row.id },
        target: { kind: "token", id: row.id },
        distinct: networkKey(client),
      },
      client,
    );
  return { kind: "token", token_id: row.id, tenant_id: row.tenant_id };
}

async function lookUp(
  hash: string,
  client: string | null,
): Promise<{ id: number; tenant_id: number; last_used_address: string | null } | undefined> {
  const [row] = await transaction(
    { as: "identity" },
    (db) => db.$queryRaw<{ id: number; tenant_id: number; last_used_address: string | null }[]>`
      WITH found AS (
        SELECT k.id, k.tenant_id, k.last_used_at, k.last_used_address FROM api_tokens k
        WHERE (k.token_hash = ${hash} OR (k.previous_token_hash = ${hash} AND k.previous_expires_at > now()))
          AND k.revoked_at IS NULL AND k.expires_at > now()
          AND (k.created_by IS NULL OR EXISTS (
            SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id
            WHERE m.tenant_id = k.tenant_id AND m.user_id = k.created_by AND u.disabled_at IS NULL))
      ), used AS (
        -- Once a minute is precise enough, and spares a write a request; another address is noted at once.
        UPDATE api_tokens SET last_used_at = now(), last_used_address = coalesce(${client}, api_tokens.last_used_address)
        FROM found
        WHERE api_tokens.id = found.id
          AND (found.last_used_at IS NULL OR found.last_used_at < now() - interval '1 minute'
            OR (${client}::text IS NOT NULL AND found.last_used_address IS DISTINCT FROM ${client}))
      )
      SELECT id, tenant_id, last_used_address FROM found`,
  );
  return row;
}
