import type { Actor } from "#lib/access/actor";
import { hashToken } from "#lib/access/secret-token";
import { transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";

/**
 * Who a bearer token stands for.
 * @throws AppError UNAUTHENTICATED when it is unknown, expired or revoked.
 */
export async function authenticateToken(token: string): Promise<Actor> {
  const [row] = await transaction(
    { as: "identity" },
    (db) => db.$queryRaw<{ id: number; tenant_id: number }[]>`
      WITH found AS (
        SELECT id, tenant_id, last_used_at FROM api_tokens
        WHERE token_hash = ${hashToken(token)} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
      ), used AS (
        -- Once a minute is precise enough, and spares a write a request.
        UPDATE api_tokens SET last_used_at = now() FROM found
        WHERE api_tokens.id = found.id
          AND (found.last_used_at IS NULL OR found.last_used_at < now() - interval '1 minute')
      )
      SELECT id, tenant_id FROM found`,
  );
  if (!row) throw new AppError("UNAUTHENTICATED", "The token is not valid: unknown, expired or revoked.");
  return { kind: "token", token_id: row.id, tenant_id: row.tenant_id };
}
