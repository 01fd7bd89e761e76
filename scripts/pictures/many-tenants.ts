import pg from "pg";
import type { DemoFile } from "../launch/demo-file.ts";

/**
 * Adds tenants to a running demo, for whoever is in all of its tenants: some without a schedule, the others with one each,
 * whose newest run was long ago, failed, or went well. Through the database: nobody makes hundreds by hand.
 */
export async function addTenants(demo: DemoFile, count: number): Promise<void> {
  if (count === 0) return;
  const provider = demo.users.find(({ tenant_ids }) => tenant_ids.length > 1);
  const client = new pg.Client({ connectionString: demo.database_url });
  await client.connect();
  try {
    const made = await client.query<{ id: number }>(
      `WITH made AS (
         INSERT INTO tenants (name, created_at)
         SELECT (ARRAY['Adatum', 'Fabrikam', 'Litware', 'Northwind', 'Proseware', 'Tailspin', 'Wingtip', 'Woodgrove'])[1 + n % 8]
                || ' ' || n, now() - interval '90 days'
         FROM generate_series(1, $2::int) n RETURNING id
       ), joined AS (
         INSERT INTO memberships (tenant_id, user_id, role)
         SELECT id, (SELECT id FROM users WHERE email = $1), 'owner' FROM made
       ), scheduled AS (
         INSERT INTO backup_schedules (tenant_id, name, timezone, frequency, time_of_day, days_of_week, policy_types,
                                       next_run_at, created_at)
         SELECT id, 'Nightly', 'Europe/Berlin', 'daily', '03:15:00', '{}', '{deviceCompliancePolicy}',
                now() + interval '6 hours', now() - interval '80 days'
         FROM made WHERE id % 11 > 0 RETURNING id, tenant_id
       ), ran AS (
         INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, started_at,
                                           finished_at, created_at, error_code)
         SELECT s.tenant_id, s.id, at, 'schedule', (CASE WHEN bad THEN 'failed' ELSE 'success' END)::run_status, at,
                at + interval '40 seconds', at, CASE WHEN bad THEN 'GRAPH_UNAVAILABLE' END
         FROM scheduled s, generate_series(0, 12) d,
              LATERAL (SELECT now() - (d + CASE WHEN s.tenant_id % 13 = 0 THEN 4 ELSE 0 END) * interval '1 day'
                              - interval '7 hours' AS at, (s.tenant_id * 7 + d * 5) % 19 = 0 AS bad) x
       )
       SELECT id FROM made`,
      [provider?.email, count],
    );
    // Without them nothing is protected. What is in them is not looked at here.
    await client.query(
      `INSERT INTO backup_sets (tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                                manifest, manifest_sha256, moved_items, created_at)
       SELECT tenant_id, backup_schedule_id, id, 'success', 0, 0, 0, '{}', repeat('0', 64), '{}', finished_at
       FROM backup_schedule_runs WHERE tenant_id = ANY ($1) AND status = 'success' ORDER BY finished_at`,
      [made.rows.map(({ id }) => id)],
    );
  } finally {
    await client.end();
  }
}
