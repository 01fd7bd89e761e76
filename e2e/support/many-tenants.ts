import { makeMember, onDatabase } from "./administrator.ts";
import { uniqueName } from "./api.ts";
import type { Credentials } from "./session.ts";

/** Of each ten the first one has no schedule, and of the second one the newest run failed: it is at risk. */
export const manyTenants = { all: 300, unprotected: 30, atRisk: 30 } as const;

export interface ManyTenants {
  /** What all of them are called, before a number of three digits, from 000 on. */
  label: string;
  ids: number[];
  /** Their owner, who is a member of no other tenant. */
  owner: Credentials;
  /** Removes them: other tests look at pages that list all tenants. */
  remove: () => Promise<void>;
}

/** Makes tenants through the database: nobody makes hundreds by hand. */
export async function makeManyTenants(): Promise<ManyTenants> {
  const label = uniqueName("Portfolio");
  const made = await onDatabase<{ id: number }>(
    `INSERT INTO tenants (name, created_at)
     SELECT $1::text || ' ' || lpad(n::text, 3, '0'), now() - interval '9 days' FROM generate_series(0, $2::int - 1) n RETURNING id`,
    [label, manyTenants.all],
  );
  const ids = made.map(({ id }) => id);
  await onDatabase(
    `WITH scheduled AS (
       INSERT INTO backup_schedules (tenant_id, name, timezone, frequency, time_of_day, days_of_week, policy_types,
                                     next_run_at, created_at, last_run_status)
       SELECT id, 'Nightly', 'Europe/Berlin', 'daily', '03:15:00', '{}', '{deviceCompliancePolicy}', now() + interval '6 hours',
              now() - interval '8 days', (CASE right(name, 1) WHEN '1' THEN 'failed' ELSE 'success' END)::run_status
       FROM tenants WHERE id = ANY ($1::int[]) AND right(name, 1) <> '0'
       RETURNING id, tenant_id
     )
     INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, started_at, finished_at,
                                       created_at)
     SELECT tenant_id, id, at, 'schedule', 'success', at, at, at
     FROM scheduled, (SELECT now() - interval '1 minute' AS at) t`,
    [ids],
  );
  await onDatabase(
    `INSERT INTO backup_sets (tenant_id, backup_schedule_id, run_id, status, item_count, bytes_logical, bytes_stored,
                              manifest, manifest_sha256, moved_items, created_at)
     SELECT tenant_id, backup_schedule_id, id, 'success', 0, 0, 0, '{"types": {}}', repeat('0', 64), '{}', finished_at
     FROM backup_schedule_runs WHERE tenant_id = ANY ($1::int[])`,
    [ids],
  );
  const [first = 0, ...others] = ids;
  const owner = await makeMember("owner", first);
  await onDatabase(
    `INSERT INTO memberships (tenant_id, user_id, role)
     SELECT tenant, u.id, 'owner' FROM users u, unnest($2::int[]) tenant WHERE u.email = $1`,
    [owner.email, others],
  );
  return {
    label,
    ids,
    owner,
    async remove() {
      const theirs = `tenant_id = ANY ('{${ids.join(",")}}'::int[])`;
      const tables = ["backup_sets", "backup_schedule_runs", "run_counts", "backup_schedules", "memberships"];
      await onDatabase(
        [
          "SET session_replication_role = replica",
          ...tables.map((table) => `DELETE FROM ${table} WHERE ${theirs}`),
          `DELETE FROM tenants WHERE ${theirs.replace("tenant_id", "id")}`,
        ].join(";\n"),
      );
    },
  };
}
