import { transaction } from "#lib/db/transaction";

/**
 * Looks like another one whenever something in the tenant has changed that pages show: the audit log has grown, a run
 * moves, an incident opens or ends, a notification came or was read. For who cannot be told of changes, and asks every few
 * seconds: each part is read from the end of an index, or is a handful of rows.
 */
export async function fingerprintOf(tenantId: number): Promise<string> {
  return transaction(
    { as: "app", tenant_id: tenantId },
    async (tx) => {
      const [row] = await tx.$queryRaw<{ fingerprint: string }[]>`
        SELECT md5(concat_ws('|',
          (SELECT head_sequence FROM audit_chains WHERE chain = ${tenantId}),
          (SELECT max(id) FROM backup_schedule_runs WHERE tenant_id = ${tenantId}),
          (SELECT string_agg(concat_ws(',', id, attempt, started_at, cancel_requested_at, progress), ';' ORDER BY id)
           FROM backup_schedule_runs WHERE tenant_id = ${tenantId} AND status = 'running'),
          (SELECT concat_ws(',', count(*), max(updated_at)) FROM backup_schedules WHERE tenant_id = ${tenantId}),
          (SELECT max(id) FROM backup_sets WHERE tenant_id = ${tenantId}),
          (SELECT max(occurred_at) FROM policy_changes WHERE tenant_id = ${tenantId}),
          (SELECT string_agg(concat_ws(',', id, status, version, attempt), ';' ORDER BY id) FROM restores
           WHERE tenant_id = ${tenantId} AND status IN ('planning', 'queued', 'running', 'waiting')),
          (SELECT max(changed_at) FROM restore_items WHERE tenant_id = ${tenantId}),
          (SELECT concat_ws(',', count(*), max(id), max(last_seen_at)) FROM incidents
           WHERE tenant_id = ${tenantId} AND closed_at IS NULL),
          (SELECT updated_at FROM connections WHERE tenant_id = ${tenantId}),
          (SELECT concat_ws(',', max(created_at), count(*) FILTER (WHERE read_at IS NULL)) FROM notifications
           WHERE tenant_id = ${tenantId} AND created_at > now() - interval '7 days'))) AS fingerprint`;
      return row?.fingerprint ?? "";
    },
    { readOnly: true, timeoutMs: 5_000 },
  );
}
