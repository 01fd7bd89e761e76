import type { Tx } from "#lib/db/transaction";

/**
 * Gives a new tenant its first target: its owners hear by mail of what is worth a warning, as soon as there is a mail
 * server. In a transaction of `identity`, which sees nothing of what it writes here.
 */
export async function makeDefaultTarget(db: Tx, tenantId: number): Promise<void> {
  await db.$executeRaw`
    WITH target AS MATERIALIZED (SELECT nextval('alert_targets_id_seq')::int AS id)
    INSERT INTO alert_targets (id, tenant_id, kind, name, hint, to_owners)
    SELECT id, ${tenantId}, 'email', 'Owners by mail', 'the owners', true FROM target`;
  await db.$executeRaw`
    INSERT INTO alert_rules (tenant_id, target_id) VALUES (${tenantId}, currval('alert_targets_id_seq')::int)`;
}
