import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { retentionActor } from "#lib/access/actor";
import { judgeLogin } from "#lib/db/login";
import { transaction } from "#lib/db/transaction";
import { serviceMetrics } from "#lib/health/service-metrics";
import { applyRetentionJob } from "#lib/jobs/apply-retention";
import { stopProducer } from "#lib/jobs/boss";
import { enqueue } from "#lib/jobs/enqueue";
import { executeRunJob } from "#lib/jobs/execute-run";
import { verifyAffectedJob } from "#lib/jobs/verify-affected";
import { inviteMember, listInvitations } from "#lib/members/invitations";
import { purgeBin } from "#lib/retention/retention";
import { cancelRun } from "#lib/runs/cancel";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { switchDatabase } from "#lib/testing/switch-database";
import { withWorld } from "#lib/testing/world";
import { authenticateToken } from "#lib/tokens/authenticate";
import { createToken, listTokens, revokeToken, rotateToken } from "#lib/tokens/tokens";
import { loginsIn, provideLogins } from "./logins.ts";

/** What whoever has the database login of web or of worker cannot do, and that their work needs no more. */

const world = withWorld({ policies: 1 });
const clients: Record<"web" | "worker", pg.Client> = {} as never;

beforeAll(async () => {
  for (const service of ["web", "worker"] as const) {
    clients[service] = new pg.Client({ connectionString: world.database[`${service}Url`] });
    await clients[service].connect();
  }
});
afterAll(() => Promise.all(Object.values(clients).map((client) => client.end())));
afterEach(() => vi.unstubAllEnvs());

/** The SQLSTATE of a statement's refusal, in a transaction that takes a role and is rolled back; null where it works. */
async function refusal(client: pg.Client, sql: string, role?: string): Promise<string | null> {
  await client.query("BEGIN");
  try {
    if (role) await client.query(`SET LOCAL ROLE tenantpilot_${role}`);
    await client.query(`SET LOCAL app.tenant_id = '${world.tenant.id}'`);
    await client.query(sql);
    return null;
  } catch (error) {
    return (error as pg.DatabaseError).code ?? String(error);
  } finally {
    await client.query("ROLLBACK");
  }
}

const rolesOf = {
  web: ["app", "portfolio", "account", "identity", "dispatcher", "auditor"],
  worker: ["app", "dispatcher", "retention"],
};
const forbidden = [
  "ALTER TABLE audit_log DISABLE TRIGGER kept",
  "ALTER TABLE audit_log NO FORCE ROW LEVEL SECURITY",
  "ALTER TABLE pgboss.job DISABLE ROW LEVEL SECURITY",
  "DROP POLICY tenant ON snapshots",
  "DELETE FROM audit_log",
  "UPDATE audit_log SET action = 'x'",
  "TRUNCATE audit_log",
  "DELETE FROM audit_chain",
  "UPDATE audit_chains SET head_hash = cut_hash",
  "TRUNCATE pgboss.job",
  "DROP TABLE snapshots",
  "DROP TABLE pgboss.job",
  "SET LOCAL session_replication_role = replica",
  "SET LOCAL ROLE tenantpilot",
  "SET LOCAL ROLE tenantpilot_chain",
  "SET LOCAL ROLE postgres",
  "CREATE ROLE another",
  "GRANT tenantpilot_retention TO tenantpilot_web",
  "ALTER ROLE tp_web CREATEROLE",
  "CREATE TABLE public.another ()",
  "CREATE TABLE pgboss.another ()",
  "CREATE SCHEMA another",
  "CREATE OR REPLACE FUNCTION public.app_tenant_id() RETURNS integer LANGUAGE sql AS 'SELECT 2'",
  "ALTER TABLE api_tokens OWNER TO tp_web",
  "UPDATE _prisma_migrations SET checksum = ''",
  "COPY audit_log TO PROGRAM 'true'",
];

describe.each(["web", "worker"] as const)("the login of %s", (service) => {
  test.each(forbidden)("may not: %s", async (sql) => {
    const client = clients[service];
    const outcomes = [await refusal(client, sql)];
    // SET ROLE asks what the session may, whatever it took before.
    for (const role of rolesOf[service]) outcomes.push(await refusal(client, sql, role));
    expect(outcomes).toEqual(outcomes.map(() => "42501"));
  });

  test("reads no table of ours without a role, and takes the roles of its work alone", async () => {
    const client = clients[service];
    for (const table of ["users", "audit_log", "connections", "api_tokens", "tenants"])
      expect(await refusal(client, `SELECT FROM ${table}`)).toBe("42501");
    const { rows } = await world.admin.query<{ role: string }>(
      "SELECT rolname AS role FROM pg_roles WHERE rolname LIKE 'tenantpilot\\_%' AND NOT rolcanlogin",
    );
    const taken: string[] = [];
    for (const { role } of rows) {
      if (["tenantpilot_web", "tenantpilot_worker"].includes(role)) continue;
      if ((await refusal(client, `SET LOCAL ROLE ${role}`)) === null) taken.push(role.slice(12));
    }
    expect(taken.sort()).toEqual(rolesOf[service].toSorted());
  });

  test("reads no hash of a password, token or invitation, and no secret, but where sign-in needs it", async () => {
    const hashes = [
      "SELECT password_hash FROM users",
      "SELECT token_hash FROM api_tokens",
      "SELECT previous_token_hash FROM api_tokens",
      "SELECT token_hash FROM invitations",
      "SELECT secret_hash FROM sessions",
      "SELECT secret_ciphertext FROM second_factors",
      "SELECT last_step FROM second_factors",
      "SELECT code_hash FROM recovery_codes",
      "SELECT token_hash FROM pending_sign_ins",
      "UPDATE second_factors SET last_step = 0",
      "DELETE FROM recovery_codes",
      "SELECT * FROM api_tokens",
      "UPDATE api_tokens SET revoked_at = now() WHERE token_hash LIKE 'a%'",
      "INSERT INTO api_tokens (tenant_id, name, role, token_hash, expires_at) SELECT tenant_id, name, role, 'x', now() FROM api_tokens RETURNING token_hash",
    ];
    const ofAccount = / (sessions|second_factors|recovery_codes)\b/;
    const mayRead: Record<string, string[]> = {
      identity: hashes.filter((sql) => sql.startsWith("SELECT") && !ofAccount.test(sql)),
      // A person's own: to hold a new password against it, the secret of a cookie, and what their codes are held against.
      account: [
        "SELECT password_hash FROM users",
        "SELECT token_hash FROM pending_sign_ins",
        ...hashes.filter((sql) => ofAccount.test(sql)),
      ],
    };
    for (const role of rolesOf[service])
      for (const sql of hashes)
        expect(await refusal(clients[service], sql, role), `${role}: ${sql}`).toBe(
          mayRead[role]?.includes(sql) ? null : "42501",
        );
  });
});

test("whoever writes an audit entry gives it neither time, number, address nor request", async () => {
  const write = (column: string, value: string) =>
    `INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action, ${column})
     VALUES (${world.tenant.id}, 'system', 'test', 'set.removed', ${value}) RETURNING`;
  for (const [service, roles] of Object.entries(rolesOf))
    for (const role of roles)
      for (const [column, value] of [
        ["id", "1"],
        ["address", "'192.0.2.1'"],
        ["request_id", "'x'"],
      ] as const) {
        const sql = `${write(column, value)} 1`;
        expect(await refusal(clients[service as keyof typeof rolesOf], sql, role), sql).toBe("42501");
      }
  await clients.web.query(
    `BEGIN; SET LOCAL ROLE tenantpilot_app; SET LOCAL app.tenant_id = '${world.tenant.id}'`,
  );
  const { rows } = await clients.web.query(
    `${write("at", "now() - interval '1 year'")} at > now() - interval '1 minute' AS now`,
  );
  await clients.web.query("ROLLBACK");
  expect(rows).toEqual([{ now: true }]);
});

test("every role that a transaction takes is web's or worker's", async () => {
  const { rows } = await world.admin.query<{ role: string }>(
    "SELECT rolname AS role FROM pg_roles WHERE rolname LIKE 'tenantpilot\\_%' AND NOT rolcanlogin",
  );
  // The owner alone takes the one of backups. Nobody takes the last two: functions act as them.
  const known = [...rolesOf.web, ...rolesOf.worker, "web", "worker", "backup", "chain", "eraser"].map(
    (role) => `tenantpilot_${role}`,
  );
  expect(rows.map(({ role }) => role).filter((role) => !known.includes(role))).toEqual([]);
  // What an owner grants to another one of the same server.
  const page = readFileSync(new URL("../docs/operating.md", import.meta.url), "utf8");
  const [, granted = ""] = /GRANT ([^;]*?)\s+TO second_owner/.exec(page) ?? [];
  expect(granted.split(/,\s+/).sort()).toEqual(rows.map(({ role }) => role).sort());
});

describe("the queue", () => {
  const send = (tenant_id: number, jobs: Parameters<typeof enqueue>[2], job: typeof verifyAffectedJob) =>
    transaction({ as: "app", tenant_id }, (db) => enqueue(db, job, jobs));
  const denied = { message: expect.stringMatching(/row-level security|42501/) };
  const asApp = async (tenantId: number, sql: string) => {
    const client = clients.web;
    await client.query("BEGIN");
    try {
      await client.query(`SET LOCAL ROLE tenantpilot_app; SET LOCAL app.tenant_id = '${tenantId}'`);
      return await client.query(sql);
    } finally {
      await client.query("ROLLBACK");
    }
  };

  test("shows a tenant its own jobs, and lets it change no other's", async () => {
    const { tenant, foreign } = world;
    for (const { id } of [tenant, foreign]) await send(id, [{ data: { tenant_id: id } }], verifyAffectedJob);
    for (const table of ["pgboss.job", "pgboss.job_common"]) {
      const seen = await asApp(tenant.id, `SELECT data FROM ${table} WHERE name = 'verify-affected'`);
      expect(seen.rows).toEqual([{ data: { tenant_id: tenant.id } }]);
      const update = `UPDATE ${table} SET state = 'cancelled' WHERE name = 'verify-affected'`;
      expect((await asApp(tenant.id, update)).rowCount).toBe(1);
      for (const sql of [
        `UPDATE ${table} SET data = '{}'`,
        `DELETE FROM ${table}`,
        "SELECT FROM pgboss.schedule",
        "SELECT FROM pgboss.warning",
        "UPDATE pgboss.queue SET policy = 'short'",
      ])
        await expect(asApp(tenant.id, sql)).rejects.toMatchObject({ code: "42501" });
      const all = await clients.worker.query(`SELECT FROM ${table} WHERE name = 'verify-affected'`);
      expect(all.rowCount).toBe(2);
      await expect(clients.web.query(`SELECT FROM ${table}`)).rejects.toMatchObject({ code: "42501" });
    }
  });

  test("takes from a tenant no job for another one, for nobody, or for all", async () => {
    const { tenant, foreign } = world;
    const schedule = await makeSchedule(foreign.actors.manager, foreign.id);
    const run = await startRun(foreign.actors.operator, foreign.id, { schedule_id: schedule.id });
    const mine = (work: (db: Parameters<typeof enqueue>[0]) => Promise<void>) =>
      transaction({ as: "app", tenant_id: tenant.id }, work);
    const run_id = run.id;
    for (const work of [
      (db) => enqueue(db, verifyAffectedJob, [{ data: { tenant_id: foreign.id } }]),
      (db) => enqueue(db, verifyAffectedJob, [{ data: { tenant_id: tenant.id }, tenantId: foreign.id }]),
      (db) => enqueue(db, executeRunJob, [{ data: { run_id } }]),
      (db) => enqueue(db, executeRunJob, [{ data: { run_id }, tenantId: foreign.id }]),
      (db) => enqueue(db, executeRunJob, [{ data: { run_id }, tenantId: tenant.id }]),
      // It would keep the other tenant's own from being taken up.
      (db) =>
        enqueue(db, applyRetentionJob, [{ data: { tenant_id: tenant.id, backup_schedule_id: schedule.id } }]),
    ] satisfies Parameters<typeof mine>[0][])
      await expect(mine(work)).rejects.toMatchObject(denied);
    const own = `'{"tenant_id": ${tenant.id}}'`;
    const insert = (name: string, data: string) =>
      asApp(tenant.id, `INSERT INTO pgboss.job_common (name, data) VALUES ('${name}', ${data})`);
    for (const data of ["NULL", "'{}'", `'{"tenant_id": null}'`])
      await expect(insert("verify-affected", data)).rejects.toMatchObject({ code: "42501" });
    for (const name of ["dispatch", "sweep-retention", "verify-sets"])
      await expect(insert(name, own)).rejects.toMatchObject({ code: "42501" });
    expect((await insert("verify-affected", own)).rowCount).toBe(1);
  });

  test("has nothing of a transaction that was rolled back", async () => {
    const id = randomUUID();
    const work = transaction({ as: "app", tenant_id: world.tenant.id }, async (db) => {
      await enqueue(db, verifyAffectedJob, [{ id, data: { tenant_id: world.tenant.id } }]);
      throw new Error("no");
    });
    await expect(work).rejects.toThrow("no");
    expect((await clients.worker.query("SELECT FROM pgboss.job WHERE id = $1", [id])).rowCount).toBe(0);
  });
});

describe("their work needs no more", () => {
  afterEach(async () => {
    await stopProducer();
    await switchDatabase(world.database.url);
  });

  test("web's", async () => {
    await stopProducer();
    await switchDatabase(world.database.webUrl);
    const { id, actors } = world.tenant;
    const made = await createToken(actors.owner, id, { name: "script", role: "operator" });
    const { token } = await rotateToken(actors.owner, id, { token_id: made.id });
    for (const each of [made.token, token])
      expect(await authenticateToken(each, null)).toMatchObject({ token_id: made.id });
    await revokeToken(actors.owner, id, { token_id: made.id });
    expect(await listTokens(actors.owner, id, {})).toMatchObject([{ id: made.id, state: "revoked" }]);
    await inviteMember(actors.owner, id, { email: "new@contoso.example", role: "readonly" });
    expect(await listInvitations(actors.owner, id, {})).toHaveLength(1);
    const schedule = await makeSchedule(actors.manager, id);
    const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
    const state = "SELECT state::text FROM pgboss.job WHERE data ->> 'run_id' = $1";
    expect((await clients.worker.query(state, [run.id])).rows).toEqual([{ state: "created" }]);
    await cancelRun(actors.operator, id, { run_id: run.id });
    expect((await clients.worker.query(state, [run.id])).rows).toEqual([{ state: "cancelled" }]);
    await serviceMetrics();
    await expect(purgeBin(retentionActor, id, { older_than_days: 7 })).rejects.toThrow(/42501|permission/);
  });

  test("worker's", async () => {
    await switchDatabase(world.database.workerUrl);
    expect(await purgeBin(retentionActor, world.tenant.id, { older_than_days: 7 })).toMatchObject({
      more: false,
    });
    await expect(transaction({ as: "identity" }, async () => {})).rejects.toThrow(/42501|permission/);
  });

  test("a start looks at what the login may do", async () => {
    const judged = async (url: string, service: "web" | "worker") => {
      await switchDatabase(url);
      return judgeLogin(service);
    };
    const { database } = world;
    const fine = { refusal: null, warning: null };
    expect(await judged(database.webUrl, "web")).toEqual(fine);
    expect(await judged(database.workerUrl, "worker")).toEqual(fine);
    expect(await judged(database.url, "web")).toEqual(fine);
    expect((await judged(database.webUrl, "worker")).refusal).toContain(
      'GRANT tenantpilot_worker TO "tp_web"',
    );
    const owner = await judged(database.ownerUrl, "web");
    expect(owner.refusal).toBeNull();
    expect(owner.warning).toContain("tenantpilot may create roles, owns the tables");
    expect((await judged(database.adminUrl, "web")).refusal).toContain("postgres is a superuser");
    vi.stubEnv("DATABASE_ALLOW_SUPERUSER", "true");
    expect(await judged(database.adminUrl, "web")).toMatchObject({
      refusal: null,
      warning: expect.stringContaining("postgres is a superuser"),
    });
  });
});

describe("providing logins", () => {
  test("reads from the environment who they are", () => {
    const [owner, web, worker] = ["o", "web", "worker"].map((name) => `postgresql://${name}:p@h/db`);
    const both = ["tenantpilot_web", "tenantpilot_worker"];
    const read = (env: Record<string, string | undefined>) => loginsIn(env as NodeJS.ProcessEnv);
    expect(read({})).toBeNull();
    expect(read({ DATABASE_URL: owner })).toEqual({ owner, others: [], ownerServes: true });
    expect(read({ DATABASE_OWNER_URL: owner })).toEqual({ owner, others: [], ownerServes: false });
    expect(read({ DATABASE_OWNER_URL: owner, DATABASE_URL: web })).toEqual({
      owner,
      others: [{ url: web, groups: both }],
      ownerServes: false,
    });
    expect(
      read({ DATABASE_OWNER_URL: owner, DATABASE_URL: web, DATABASE_WORKER_URL: worker })?.others,
    ).toEqual([
      { url: web, groups: ["tenantpilot_web"] },
      { url: worker, groups: ["tenantpilot_worker"] },
    ]);
  });

  test("creates one that is missing with its password, once, and never changes one that is there", async () => {
    const name = `new ${randomUUID()}`;
    const url = new URL(world.database.ownerUrl);
    url.username = encodeURIComponent(name);
    url.password = encodeURIComponent("pass wörd/%:@");
    const provide = (password = url.password) => {
      const given = new URL(url);
      given.password = password;
      return provideLogins(world.database.ownerUrl, [{ url: given.href, groups: ["tenantpilot_web"] }]);
    };
    await expect(provide("")).rejects.toThrow("no password");
    expect(await provide()).toEqual([name]);
    expect(await provide("another")).toEqual([]);
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      expect(await refusal(client, "SELECT FROM memberships", "app")).toBeNull();
      expect(await refusal(client, "CREATE ROLE another")).toBe("42501");
      const { rows } = await client.query(
        `SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication AS powerful
         FROM pg_roles WHERE rolname = current_user`,
      );
      expect(rows).toEqual([{ powerful: false }]);
    } finally {
      await client.end();
      const role = pg.escapeIdentifier(name);
      await world.admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});
