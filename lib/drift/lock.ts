import type { Tx } from "#lib/db/transaction";

/**
 * Has whoever changes a tenant's baseline or differences wait for who does so already, until the end of the transaction: there
 * may be no baseline yet whose row one could lock.
 */
export async function lockDrift(db: Tx, tenantId: number): Promise<void> {
  await db.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('tenantpilot.drift', ${tenantId}))::text`;
}
