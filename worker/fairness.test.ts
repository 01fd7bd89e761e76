import { expect, test } from "vitest";
import { tick } from "#lib/schedules/tick";
import { withWorkers } from "#lib/testing/workers";
import { until, withWorld } from "#lib/testing/world";

/** Tenants with hundreds of due schedules beside one with a single one, and a real worker. */

const world = withWorld({ policies: 20 });
const workers = withWorkers(world);

/** Puts daily schedules of a tenant into the database, due at the last full minute. */
async function due(tenantId: number, count: number): Promise<void> {
  await world.admin.query(
    `INSERT INTO backup_schedules (tenant_id, name, timezone, frequency, time_of_day, policy_types, include_foundations, next_run_at)
     SELECT $1, 'Due ' || n, 'UTC', 'daily', to_char(now() + interval '6 hours', 'HH24:MI:00'),
            '{deviceCompliancePolicy}', false, date_trunc('minute', now())
     FROM generate_series(1, $2::int) n`,
    [tenantId, count],
  );
}

interface Started {
  tenant_id: number;
  started_at: Date;
  finished_at: Date | null;
}

async function startedRuns(): Promise<Started[]> {
  const { rows } = await world.admin.query<Started>(
    "SELECT tenant_id, started_at, finished_at FROM backup_schedule_runs WHERE started_at IS NOT NULL ORDER BY started_at, id",
  );
  return rows;
}

/** The most runs of a tenant that were active at one time. */
function mostAtOnce(runs: readonly Started[], tenantId: number): number {
  const own = runs.filter((run) => run.tenant_id === tenantId);
  return Math.max(
    ...own.map(
      ({ started_at }) =>
        own.filter(
          (other) => other.started_at <= started_at && (other.finished_at ?? started_at) >= started_at,
        ).length,
    ),
  );
}

test("a tenant with one due schedule does not wait for tenants with hundreds, none of which takes all the room", async () => {
  const { tenant, foreign } = world;
  const { rows } = await world.admin.query("INSERT INTO tenants (name) VALUES ('Small') RETURNING id");
  const small: number = rows[0].id;
  await due(tenant.id, 500);
  await due(foreign.id, 500);
  // The last by every order that a queue could have without fairness.
  await due(small, 1);
  expect(await tick({ batch: 300 })).toMatchObject({ started: 1001 });

  world.sandbox.configure({ latencyMs: 20 });
  await workers.start({ WORKER_CONCURRENCY: "4", TENANT_CONCURRENCY: "2" });
  const runs = await until(
    "forty runs have ended",
    async () => {
      const started = await startedRuns();
      return started.filter((run) => run.finished_at).length >= 40 && started;
    },
    60,
  );

  const place = runs.findIndex((run) => run.tenant_id === small);
  expect(place).toBeGreaterThanOrEqual(0);
  expect(place).toBeLessThan(8);
  for (const big of [tenant.id, foreign.id]) {
    expect(runs.filter((run) => run.tenant_id === big).length).toBeGreaterThan(10);
    // pg-boss counts before it claims: two claims at one instant may both see the last place.
    expect(mostAtOnce(runs, big)).toBeLessThanOrEqual(3);
  }
}, 90_000);
