import type pg from "pg";

/** How schedules of a mass are spread. */
export interface ManySchedules {
  tenants: number;
  schedules: number;
  /** So many of them are due now; the others tomorrow. */
  due: number;
}

/**
 * Puts tenants with very many schedules into a database, by one statement: 24 zones, daily and weekly, spread evenly
 * over the tenants. Those that are due have been for up to five minutes; none comes due within three hours.
 * @param admin as the superuser, who passes row-level security by
 */
export async function insertManySchedules(admin: pg.Pool, many: ManySchedules): Promise<void> {
  const tenants = await admin.query<{ id: number }>(
    "INSERT INTO tenants (name) SELECT 'Mass ' || n FROM generate_series(1, $1::int) n RETURNING id",
    [many.tenants],
  );
  await admin.query(
    `INSERT INTO backup_schedules
       (tenant_id, name, timezone, frequency, time_of_day, days_of_week, policy_types, next_run_at)
     SELECT ($1::int[])[1 + n % cardinality($1::int[])], 'Schedule ' || n, zone,
            CASE WHEN n % 3 = 0 THEN 'weekly' ELSE 'daily' END::frequency,
            to_char((now() + interval '3 hours' + interval '15 min' * (n % 72)) AT TIME ZONE zone, 'HH24:MI:00'),
            CASE WHEN n % 3 = 0 THEN '{1,3,5}'::smallint[] ELSE '{}'::smallint[] END, '{deviceCompliancePolicy}',
            date_trunc('minute', now())
              + CASE WHEN n < $3 THEN -interval '1 min' * (n % 5) ELSE interval '1 day' END
     FROM generate_series(0, $2::int - 1) n, LATERAL (SELECT ($4::text[])[1 + n % cardinality($4::text[])] AS zone) z`,
    [tenants.rows.map((row) => row.id), many.schedules, many.due, zones],
  );
}

const zones = [
  "UTC",
  "Europe/Berlin",
  "Europe/London",
  "Europe/Paris",
  "Europe/Madrid",
  "Europe/Warsaw",
  "America/New_York",
  "America/Toronto",
  "America/Chicago",
  "America/Denver",
  "America/Los_Angeles",
  "America/Sao_Paulo",
  "Asia/Tokyo",
  "Asia/Kolkata",
  "Asia/Karachi",
  "Asia/Shanghai",
  "Asia/Singapore",
  "Asia/Dubai",
  "Australia/Sydney",
  "Australia/Lord_Howe",
  "Pacific/Auckland",
  "Pacific/Apia",
  "Africa/Cairo",
  "Africa/Johannesburg",
];
