import { createHash } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { executeRun } from "#lib/runs/execute";
import { startRun } from "#lib/runs/start";
import { openEnd } from "#lib/sets/ranges";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";

/** The second lock: what the database itself refuses, whoever asks. */

const world = withWorld({ policies: 30 });
let owner: pg.Client;
/** Does the work of web and of worker. */
let login: pg.Client;
let setId: number;

beforeAll(async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id);
  const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
  const result = await executeRun(id, run.id, new AbortController().signal);
  if (result.kind !== "ended" || !result.backup_set_id) throw new Error("the run made no set");
  setId = result.backup_set_id;
  await world.admin.query(
    `INSERT INTO policy_changes (tenant_id, source, event_id, graph_id, occurred_at, activity, operation, actor_kind, actor_name)
     VALUES ($1, 'intune', 'event', 'policy', now(), 'Patch', 'update', 'user', 'someone@contoso.example')`,
    [id],
  );
  await behindTheGuards(
    world.admin,
    `INSERT INTO item_volatiles (tenant_id, range_id, from_set_id, volatile, seal)
     SELECT tenant_id, id, from_set_id, '{}', '' FROM item_ranges LIMIT 1`,
  );
  await behindTheGuards(
    world.admin,
    `INSERT INTO moved_volatiles (tenant_id, backup_schedule_id, shelf, from_set_id, places, volatiles, seal)
     SELECT tenant_id, backup_schedule_id, id / 512, from_set_id, ARRAY[id % 512], '[{}]', '' FROM item_ranges LIMIT 1`,
  );
  await world.admin.query(
    "INSERT INTO role_rules (tenant_id, claim, value, role) VALUES ($1, 'roles', 'Backup.Look', 'readonly')",
    [id],
  );
  await world.admin.query(
    "INSERT INTO policy_change_looks (tenant_id, backup_set_id, sources) VALUES ($1, $2, '{}')",
    [id, setId],
  );
  await world.admin.query("INSERT INTO definition_looks (tenant_id) VALUES ($1)", [world.tenant.id]);
  await world.admin.query(
    "INSERT INTO content_looks (tenant_id, looked_until, whole_at) VALUES ($1, now(), now())",
    [world.tenant.id],
  );
  await world.admin.query("INSERT INTO content_segments (tenant_id, keys, content) VALUES ($1, '', '')", [
    world.tenant.id,
  ]);
  await world.admin.query(
    `INSERT INTO rereadings (tenant_id, sha256, earlier_sha256)
     SELECT tenant_id, max(sha256), min(sha256) FROM snapshots WHERE tenant_id = $1 GROUP BY tenant_id`,
    [id],
  );
  await world.admin.query(
    `INSERT INTO write_connections (tenant_id, client_id, credential_kind, credential_ciphertext, saved_by)
     VALUES (${id}, 'app', 'secret', '', 'somebody');
     INSERT INTO restore_settings (tenant_id) VALUES (${id});
     INSERT INTO reference_decisions (tenant_id, source_tenant_id, kind, source_id, decided_by)
     VALUES (${id}, ${id}, 'group', 'one', 'somebody');
     INSERT INTO restores (tenant_id, source_tenant_id, source_tenant_name, source_set_id, source_set_created_at, status,
                           created_by_name)
     VALUES (${id}, ${id}, 'Tenant 1', ${setId}, now(), 'planned', 'somebody');
     INSERT INTO restore_items (tenant_id, restore_id, policy_type, graph_id, display_name, source_sha256, source_encoding,
                                source_content)
     SELECT tenant_id, id, 'deviceCategory', 'one', 'One', repeat('0', 64), 'plain', '{}' FROM restores`,
  );
  await world.admin.query(
    `INSERT INTO baselines (tenant_id, source_tenant_id, source_tenant_name, source_set_id, source_set_created_at, coverage,
                            set_by_name)
     VALUES (${id}, ${id}, 'Tenant 1', ${setId}, now(), 'all', 'somebody');
     INSERT INTO baseline_types (tenant_id, policy_type, is_whole, items) VALUES (${id}, 'deviceCategory', true, 1);
     INSERT INTO baseline_items (tenant_id, policy_type, graph_id, kind, display_name, sha256, hash, encoding, content)
     VALUES (${id}, 'deviceCategory', 'one', 'policy', 'One', repeat('0', 64), repeat('0', 64), 'plain', '{}');
     INSERT INTO drifts (tenant_id, kind, item_kind, policy_type, graph_id, display_name, found_set_id, seen_set_id)
     VALUES (${id}, 'removed', 'policy', 'deviceCategory', 'one', 'One', ${setId}, ${setId});
     INSERT INTO document_sayings (tenant_id, sha256, saying)
     SELECT tenant_id, sha256, repeat('1', 64) FROM snapshots WHERE tenant_id = ${id} LIMIT 1`,
  );
  owner = new pg.Client({ connectionString: world.database.ownerUrl });
  await owner.connect();
  login = new pg.Client({ connectionString: world.database.url });
  await login.connect();
});
afterAll(() => Promise.all([owner?.end(), login?.end()]));

/** Runs a statement in a transaction of its own, as a role and for a tenant. */
async function as(role: string, tenantId: number | null, sql: string): Promise<pg.QueryResult> {
  await login.query("BEGIN");
  try {
    await login.query(`SET LOCAL ROLE ${role}`);
    await login.query("SELECT set_config('app.tenant_id', $1, true)", [
      tenantId === null ? "" : String(tenantId),
    ]);
    const result = await login.query(sql);
    await login.query("ROLLBACK");
    return result;
  } catch (error) {
    await login.query("ROLLBACK");
    throw error;
  }
}

const tenantTables = [
  "rereadings",
  "memberships",
  "invitations",
  "api_tokens",
  "connections",
  "backup_schedules",
  "backup_schedule_runs",
  "run_counts",
  "backup_sets",
  "item_ranges",
  "item_volatiles",
  "moved_volatiles",
  "staged_items",
  "staged_seen",
  "snapshots",
  "damaged_snapshots",
  "audit_log",
  "notifications",
  "policy_changes",
  "policy_change_looks",
  "definition_looks",
  "content_segments",
  "content_looks",
  "idempotency_keys",
  "role_rules",
  "write_connections",
  "restore_settings",
  "reference_decisions",
  "restores",
  "restore_items",
  "baselines",
  "baseline_types",
  "baseline_items",
  "drifts",
  "document_sayings",
  "alert_targets",
  "alert_rules",
  "incidents",
  "alert_events",
  "alert_deliveries",
];

describe("row-level security", () => {
  test("is enabled and forced on every table with a tenant, and every such table is in this test's list", async () => {
    const { rows } = await world.admin.query(`
      SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS locked FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`);
    expect(rows.map((row) => row.relname).sort()).toEqual([...tenantTables].sort());
    expect(rows.filter((row) => !row.locked)).toEqual([]);
  });

  test("no role that is taken logs in, is a superuser, or passes it by", async () => {
    const { rows } = await world.admin.query(`
      SELECT rolname FROM pg_roles WHERE rolname LIKE 'tenantpilot%' AND (rolsuper OR rolbypassrls)
      UNION SELECT rolname FROM pg_roles WHERE rolname LIKE 'tenantpilot\\_%' AND rolcanlogin`);
    expect(rows).toEqual([]);
  });

  test.each(tenantTables)(
    "shows nothing of %s to the owner, without a tenant, or of another tenant",
    async (table) => {
      expect((await owner.query(`SELECT FROM ${table}`)).rows).toEqual([]);
      expect((await as("tenantpilot_app", null, `SELECT FROM ${table}`)).rows).toEqual([]);
      const foreign = await as(
        "tenantpilot_app",
        world.foreign.id,
        `SELECT FROM ${table} WHERE tenant_id = ${world.tenant.id}`,
      );
      expect(foreign.rows).toEqual([]);
    },
  );

  test("refuses to write a row of another tenant", async () => {
    const sql = `INSERT INTO memberships (tenant_id, user_id, role) VALUES (${world.foreign.id}, 1, 'owner')`;
    await expect(as("tenantpilot_app", world.tenant.id, sql)).rejects.toMatchObject({ code: "42501" });
  });

  test("a tenant sees its own members' names, and no password hash at all", async () => {
    const { rows } = await as("tenantpilot_app", world.tenant.id, "SELECT email FROM users");
    expect(rows).toHaveLength(4);
    await expect(
      as("tenantpilot_app", world.tenant.id, "SELECT password_hash FROM users"),
    ).rejects.toMatchObject({
      code: "42501",
    });
  });

  test("an invitation ends once, and never becomes another one", async () => {
    const { rows } = await world.admin.query(
      `INSERT INTO invitations (tenant_id, email, role, token_hash, expires_at)
       VALUES ($1, 'ada@contoso.example', 'readonly', repeat('a', 64), now() + interval '1 day') RETURNING id`,
      [world.tenant.id],
    );
    const update = (change: string) =>
      world.admin.query(`UPDATE invitations SET ${change} WHERE id = ${rows[0].id}`);
    for (const change of [
      "role = 'owner'",
      "email = 'eve@contoso.example'",
      "expires_at = now() + interval '9 days'",
    ])
      await expect(update(change)).rejects.toMatchObject({ code: "23001" });
    await update("withdrawn_at = now()");
    await expect(update("withdrawn_at = NULL")).rejects.toMatchObject({ code: "23001" });
    // A tenant cannot accept for the person, and nobody removes what happened.
    for (const sql of [
      "UPDATE invitations SET accepted_at = now(), accepted_by = 1",
      "DELETE FROM invitations",
    ])
      await expect(as("tenantpilot_app", world.tenant.id, sql)).rejects.toMatchObject({ code: "42501" });
  });

  test("a row cannot refer to another tenant's row", async () => {
    const sql = `INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status)
      SELECT ${world.foreign.id}, id, now(), 'manual', 'running' FROM backup_schedules LIMIT 1`;
    await expect(world.admin.query(sql)).rejects.toMatchObject({ code: "23503" });
  });
});

describe("immutability", () => {
  const changes: [string, string][] = [
    ["backup_sets", "UPDATE backup_sets SET item_count = item_count + 1"],
    ["backup_sets", "UPDATE backup_sets SET manifest_sha256 = repeat('0', 64)"],
    ["backup_items", "UPDATE backup_items SET display_name = 'changed'"],
    ["snapshots", "UPDATE snapshots SET content = '\\x00'"],
    ["audit_log", "UPDATE audit_log SET action = 'nothing.happened'"],
    ["backup_sets", "DELETE FROM backup_sets"],
    ["backup_items", "DELETE FROM backup_items"],
    ["snapshots", "DELETE FROM snapshots"],
    ["audit_log", "DELETE FROM audit_log"],
    ["policy_changes", "UPDATE policy_changes SET actor_name = 'somebody else'"],
    ["policy_changes", "DELETE FROM policy_changes"],
    ["run_counts", "UPDATE run_counts SET success = success + 1"],
    ["item_ranges", "UPDATE item_ranges SET display_name = 'changed'"],
    ["item_ranges", "UPDATE item_ranges SET sha256 = repeat('0', 64)"],
    ["item_ranges", "UPDATE item_ranges SET from_set_id = from_set_id - 1"],
    ["item_ranges", "UPDATE item_ranges SET until_set_id = from_set_id"],
    ["item_ranges", "DELETE FROM item_ranges"],
    ["item_ranges", "TRUNCATE item_ranges, item_volatiles"],
    ["item_volatiles", "UPDATE item_volatiles SET volatile = '{}'"],
    ["item_volatiles", "DELETE FROM item_volatiles"],
    ["moved_volatiles", "UPDATE moved_volatiles SET volatiles = '[]'"],
    ["moved_volatiles", "DELETE FROM moved_volatiles"],
    ["moved_volatiles", "TRUNCATE moved_volatiles"],
    ["audit_log", "TRUNCATE audit_log"],
    ["backup_schedule_runs", "UPDATE backup_schedule_runs SET status = 'failed' WHERE status = 'success'"],
    ["backup_schedule_runs", "UPDATE backup_schedule_runs SET summary = '{}' WHERE status = 'success'"],
  ];

  test.each(changes)("the superuser cannot change %s: %s", async (_table, sql) => {
    await expect(world.admin.query(sql)).rejects.toMatchObject({ code: "23001" });
  });

  test.each(changes)("the role of web and worker cannot change %s: %s", async (_table, sql) => {
    await expect(as("tenantpilot_app", world.tenant.id, sql)).rejects.toMatchObject({
      code: expect.stringMatching(/^(23001|42501)$/),
    });
  });

  test("an item's range ends once, before a set that is still to come, and no set gains or loses one", async () => {
    const app = (sql: string) => as("tenantpilot_app", world.tenant.id, sql);
    const end = (set: string) =>
      `UPDATE item_ranges SET until_set_id = ${set} WHERE until_set_id = ${openEnd}`;
    const { rowCount } = await app(end(`${setId + 1}`));
    expect(rowCount).toBeGreaterThan(0);
    // The ends are sealed by the database, whoever writes them.
    const sealed = await app(
      `${end(`${setId + 1}`)} RETURNING end_seal = item_range_end_seal(item_ranges) AS is_sealed`,
    );
    expect(sealed.rows.every((row) => row.is_sealed)).toBe(true);
    await expect(app(end(`${setId}`))).rejects.toMatchObject({ code: expect.stringMatching(/^23/) });
    const again = `${end(`${setId + 1}`)}; UPDATE item_ranges SET until_set_id = ${setId + 2}`;
    const reopened = `${end(`${setId + 1}`)}; UPDATE item_ranges SET until_set_id = ${openEnd}`;
    for (const sql of [again, reopened]) await expect(app(sql)).rejects.toMatchObject({ code: "23001" });
    const add = (from: number) => `
      INSERT INTO item_ranges (tenant_id, backup_schedule_id, from_set_id, kind, policy_type, graph_id, display_name, sha256)
      SELECT tenant_id, backup_schedule_id, ${from}, kind, policy_type, 'added', 'Added', sha256 FROM item_ranges LIMIT 1`;
    await expect(app(add(setId))).rejects.toMatchObject({ code: "23001" });
    expect((await app(add(setId + 1))).rowCount).toBe(1);
    const fields = (from: number) => `
      INSERT INTO moved_volatiles (tenant_id, backup_schedule_id, shelf, from_set_id, places, volatiles)
      SELECT tenant_id, backup_schedule_id, id / 512, ${from}, ARRAY[id % 512], '[{"x": 1}]' FROM item_ranges LIMIT 1`;
    await expect(app(fields(setId))).rejects.toMatchObject({ code: "23001" });
    expect((await app(fields(setId + 1))).rowCount).toBe(1);
  });

  test("retention removes no range that a set is left in", async () => {
    await expect(
      as("tenantpilot_retention", world.tenant.id, "DELETE FROM item_ranges"),
    ).rejects.toMatchObject({ code: "23001" });
  });

  test("the role of web and worker cannot take a count away", async () => {
    await expect(as("tenantpilot_app", world.tenant.id, "DELETE FROM run_counts")).rejects.toMatchObject({
      code: "42501",
    });
  });

  test("retention's role cannot touch the audit log", async () => {
    await expect(as("tenantpilot_retention", world.tenant.id, "DELETE FROM audit_log")).rejects.toMatchObject(
      {
        code: "42501",
      },
    );
  });

  test("pinning and binning a set are no change of the set", async () => {
    const sql = `UPDATE backup_sets SET pinned_at = now(), deleted_at = now() WHERE id = ${setId}`;
    expect((await as("tenantpilot_app", world.tenant.id, sql)).rowCount).toBe(1);
  });

  test("retention bins a schedule's newest complete set, which its schedule notes, and changes nothing else of a schedule", async () => {
    const retention = (sql: string) => as("tenantpilot_retention", world.tenant.id, sql);
    const sql = `UPDATE backup_sets SET deleted_at = now() WHERE id = ${setId}`;
    expect((await retention(sql)).rowCount).toBe(1);
    await expect(retention("UPDATE backup_schedules SET is_enabled = false")).rejects.toMatchObject({
      code: "42501",
    });
  });
});

describe("a damaged snapshot", () => {
  const document = Buffer.from('{"displayName":"As it was captured"}');
  const hash = createHash("sha256").update(document).digest("hex");
  const hex = (bytes: Uint8Array) => `'\\x${Buffer.from(bytes).toString("hex")}'::bytea`;
  const heal = (bytes: Uint8Array, more = "") =>
    `UPDATE snapshots SET encoding = 'plain', content = ${hex(bytes)}, bytes_logical = ${bytes.byteLength},
       bytes_stored = ${bytes.byteLength}${more} WHERE sha256 = '${hash}'`;
  const noted = "INSERT INTO damaged_snapshots (tenant_id, sha256, found_at, healed_at)";

  beforeEach(async () => {
    const { id } = world.tenant;
    await behindTheGuards(world.admin, "DELETE FROM snapshots WHERE sha256 = $1", [hash]);
    await world.admin.query("DELETE FROM damaged_snapshots");
    await world.admin.query(
      `INSERT INTO snapshots (tenant_id, sha256, encoding, content, bytes_logical, bytes_stored)
       VALUES ($1, $2, 'zstd', '\\x00', $3, 1)`,
      [id, hash, document.byteLength],
    );
    await world.admin.query(`${noted} VALUES ($1, $2, now(), NULL)`, [id, hash]);
  });
  const refused = async (sql: string) => {
    await expect(as("tenantpilot_app", world.tenant.id, sql)).rejects.toMatchObject({
      code: expect.stringMatching(/^(23001|42501)$/),
    });
    await expect(world.admin.query(sql)).rejects.toMatchObject({ code: "23001" });
  };

  test("takes the document of its own hash, from the role of web and worker", async () => {
    expect((await as("tenantpilot_app", world.tenant.id, heal(document))).rowCount).toBe(1);
  });

  test("takes no other bytes: not 1,000 that differ in a bit, not more, fewer or none", async () => {
    for (let round = 0; round < 1_000; round += 1) {
      const other = Buffer.from(document);
      const bit = round % (other.byteLength * 8);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const sql = heal(other);
      await expect(as("tenantpilot_app", world.tenant.id, sql)).rejects.toMatchObject({ code: "23001" });
    }
    for (const other of [
      Buffer.concat([document, Buffer.from(" ")]),
      document.subarray(1),
      Buffer.alloc(0),
      zstdCompressSync(document),
    ]) {
      await refused(heal(other));
    }
  });

  test("keeps its key, tenant and time, and gets no other encoding or size", async () => {
    for (const more of [
      `, sha256 = '${"0".repeat(64)}'`,
      `, tenant_id = ${world.foreign.id}`,
      ", created_at = now() + interval '1 day'",
    ]) {
      await refused(heal(document, more));
    }
    await refused(heal(document).replace("'plain'", "'zstd'"));
    await refused(heal(document).replace(/bytes_logical = \d+/, "bytes_logical = 1"));
    await refused(heal(document).replace(/bytes_stored = \d+/, "bytes_stored = 1"));
  });

  test("is one that is noted as damaged: another one takes not even its own document", async () => {
    await world.admin.query("UPDATE damaged_snapshots SET healed_at = now()");
    await refused(heal(document));
    await world.admin.query("DELETE FROM damaged_snapshots");
    await refused(heal(document));
    await world.admin.query(`${noted} VALUES ($1, $2, now(), NULL)`, [world.foreign.id, hash]);
    await refused(heal(document));
  });

  test("is healed by its own tenant only, and not by retention", async () => {
    expect((await as("tenantpilot_app", world.foreign.id, heal(document))).rowCount).toBe(0);
    await expect(as("tenantpilot_retention", world.tenant.id, heal(document))).rejects.toMatchObject({
      code: "42501",
    });
  });

  test("takes its note along when it is purged", async () => {
    await login.query("BEGIN");
    await login.query("SET LOCAL ROLE tenantpilot_retention");
    await login.query("SELECT set_config('app.tenant_id', $1, true)", [String(world.tenant.id)]);
    await login.query("DELETE FROM snapshots WHERE sha256 = $1", [hash]);
    const notes = await login.query("SELECT * FROM damaged_snapshots");
    await login.query("ROLLBACK");
    expect(notes.rows).toEqual([]);
  });
});

test("a schedule has one active run at most, whoever inserts", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id);
  await startRun(actors.operator, id, { schedule_id: schedule.id });
  const second = world.admin.query(
    `INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status)
     VALUES ($1, $2, now() + interval '1 hour', 'manual', 'running')`,
    [id, schedule.id],
  );
  await expect(second).rejects.toMatchObject({ code: "23505", constraint: "one_active_run_per_schedule" });
});
