import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";

/**
 * Whose a target or a rule is: a tenant's by its id; null: the platform's. The database shows a tenant its own, and
 * administrators the platform's.
 */
export type Owner = number | null;

/** Has two that add to what an owner has wait for each other. Of the platform there is no row to lock. */
export async function lockOwner(db: Tx, owner: Owner): Promise<void> {
  if (owner === null)
    await db.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('tenantpilot.platform-alerts', 0))::text`;
  else await db.$queryRaw`SELECT 1 FROM tenants WHERE id = ${owner} FOR NO KEY UPDATE`;
}

/** @param what as in "There is no such alert rule in this tenant." */
export function notFound(what: string, owner: Owner): AppError {
  return new AppError(
    "NOT_FOUND",
    `There is no such ${what} ${owner === null ? "of the platform" : "in this tenant"}.`,
  );
}
