import { beforeAll, expect, test } from "vitest";
import { transaction } from "#lib/db/transaction";
import { systemClock } from "#lib/graph/clock";
import { LimiterRegistry } from "#lib/graph/limiter";
import { defaultRetryPolicy } from "#lib/graph/retry";
import { catalog } from "#lib/policies/catalog";
import { cancelRun } from "#lib/runs/cancel";
import { startRun } from "#lib/runs/start";
import { backUpAgain, backUpTypes, type StoredItem } from "#lib/testing/captured";
import { behindTheGuards } from "#lib/testing/sets";
import { unlimitedBudgets } from "#lib/testing/unlimited";
import { linesOf } from "#lib/testing/words";
import { withWorld } from "#lib/testing/world";
import { contextOf, readSettingKnowledge } from "#lib/words/context";
import { settingIdsIn, settingIdsOf, templateIdIn, typesWithDefinitions } from "#lib/words/setting-ids";
import { wordsOf } from "#lib/words/words-of";
import { learnDefinitions } from "./learn.ts";

const world = withWorld({ policies: 60 });
const types = [
  "settingsCatalogPolicy",
  "linuxCompliancePolicy",
  "mamAppConfiguration",
  "endpointSecurityPolicy",
  "endpointSecurityIntent",
];
let items: StoredItem[];
let schedule_id: number;

function learn() {
  const limiters = new LimiterRegistry(systemClock, unlimitedBudgets);
  const retry = { ...defaultRetryPolicy, throttleRetries: 0, outageRetries: 0 };
  return learnDefinitions(world.tenant.id, new AbortController().signal, { limiters, retry });
}
const rows = async (sql: string) => (await world.admin.query(sql)).rows;
const jobs = () => rows("SELECT state::text FROM pgboss.job WHERE name = 'learn-definitions'");
const look = async () => (await rows("SELECT looked_until, is_complete FROM definition_looks"))[0];
const asked = () => world.sandbox.requests.counters.graph;

beforeAll(async () => {
  const captured = await backUpTypes(world, types);
  items = captured.items;
  schedule_id = captured.run.backup_schedule_id;
});

test("the types with definitions are types of the catalog", () => {
  const keys = catalog.map(({ key }) => key);
  for (const type of Object.keys(typesWithDefinitions)) expect(keys).toContain(type);
});

test("a run's set is learned from by a job of its own; a refusal or an outage fails nothing and is asked again", async () => {
  expect(await jobs()).toEqual([{ state: "created" }]);
  const path = "deviceManagement/configurationSettings/*";
  const refusal = world.sandbox.fault({ path, action: { kind: "permissionRevoked" } });
  expect(await learn()).toEqual({ kind: "not_permitted" });
  expect(await look()).toEqual({ looked_until: null, is_complete: false });
  refusal.remove();
  const outage = world.sandbox.fault({ path, action: { kind: "status", status: 503 } });
  expect(await learn()).toMatchObject({ kind: "try_again" });
  outage.remove();
  expect(await learn()).toMatchObject({ kind: "learned" });
  expect(await look()).toEqual({ looked_until: expect.any(Date), is_complete: true });
});

test("every setting of every policy is named, with its category; nothing is asked twice", async () => {
  const names = await transaction({ as: "app", tenant_id: world.foreign.id }, async (db) => {
    // What one tenant has learned, all know.
    const documents = items.map(({ policy_type, document }) => ({ policyType: policy_type, document }));
    const context = contextOf(await readSettingKnowledge(db, settingIdsOf(documents)), {});
    return items.flatMap(({ policy_type, document }) =>
      types.includes(policy_type)
        ? linesOf(wordsOf(policy_type, { ...document, assignments: [] }, context))
        : [],
    );
  });
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((line) => /_vendor_|linux_mdatp/.test(line))).toEqual([]);
  expect(names.filter((line) => line.includes(" > ")).length).toBeGreaterThan(50);
  // Legacy policies by the definitions of their templates, and templates with the order of their settings.
  expect(names.filter((line) => /^(Firewall|Encryption|Other) > .* setting \d+: /.test(line))).not.toEqual(
    [],
  );
  const clouds = "SELECT DISTINCT cloud FROM";
  expect(await rows(`${clouds} setting_templates WHERE setting_ids <> '{}'`)).toEqual([{ cloud: "sandbox" }]);
  expect(await rows(`${clouds} setting_definitions UNION ${clouds} setting_categories`)).toEqual([
    { cloud: "sandbox" },
  ]);
  const before = asked();
  expect(await learn()).toEqual({ kind: "nothing_to_do" });
  expect(asked()).toBe(before);
});

test("what was not known is asked again after a day, and what was known is not taken back", async () => {
  const age = (days: number) =>
    world.admin.query(
      `UPDATE setting_definitions SET fetched_at = now() - make_interval(days => $1) WHERE name IS NOT NULL`,
      [days],
    );
  await world.admin.query(
    "UPDATE setting_definitions SET name = NULL WHERE id = (SELECT min(id) FROM setting_definitions WHERE csp_path IS NOT NULL)",
  );
  const unnamed = () => rows("SELECT id FROM setting_definitions WHERE name IS NULL");
  expect(await unnamed()).toHaveLength(1);
  await world.admin.query("UPDATE definition_looks SET looked_until = NULL");
  expect(await learn()).toEqual({ kind: "nothing_to_do" });
  const forget = () =>
    world.admin.query(
      "UPDATE setting_definitions SET name = NULL, fetched_at = now() - interval '25 hours' WHERE id = (SELECT min(id) FROM setting_definitions WHERE csp_path IS NOT NULL)",
    );
  // A week later all is looked through again, and so it is when the tenant's cloud is another one.
  for (const because of ["begun_at = now() - interval '8 days'", "cloud = 'global'"]) {
    await forget();
    await rows("UPDATE definition_looks SET looked_until = now() + interval '2 hours'");
    expect(await learn(), because).toEqual({ kind: "nothing_to_do" });
    await rows(`UPDATE definition_looks SET ${because}`);
    expect(await learn(), because).toMatchObject({ kind: "learned", definitions: 1 });
    expect(await unnamed()).toEqual([]);
  }

  await age(31);
  const path = "deviceManagement/configurationSettings/*";
  const outage = world.sandbox.fault({ path, action: { kind: "status", status: 404 } });
  await world.admin.query("UPDATE definition_looks SET looked_until = NULL");
  expect(await learn()).toMatchObject({ kind: "learned" });
  outage.remove();
  expect(await unnamed()).toEqual([]);
  expect(await rows("SELECT FROM setting_definitions WHERE fetched_at < now() - interval '1 day'")).toEqual(
    [],
  );
});

test("one definition that Graph fails on, and a source that it refuses, keep nothing else from being learned", async () => {
  const forgetAll = async () => {
    await rows("DELETE FROM setting_definitions");
    await rows("UPDATE definition_looks SET looked_until = NULL, is_complete = false");
  };
  const all = await rows("SELECT id FROM setting_definitions WHERE name IS NOT NULL ORDER BY id");
  await forgetAll();
  const settingsOf = (type: string) =>
    new Set(
      items.flatMap(({ policy_type, document }) => (policy_type === type ? [...settingIdsIn(document)] : [])),
    );
  const [bad] = settingsOf("settingsCatalogPolicy");
  expect(all).toContainEqual({ id: bad });
  const failing = world.sandbox.fault({
    path: `deviceManagement/configurationSettings/${bad}`,
    action: { kind: "status", status: 500 },
  });
  const refused = world.sandbox.fault({
    path: "deviceManagement/complianceSettings/*",
    action: { kind: "permissionRevoked" },
  });
  const named = () => rows("SELECT id FROM setting_definitions WHERE name IS NOT NULL ORDER BY id");
  expect(await learn()).toMatchObject({ kind: "learned", passed_over: expect.any(Number) });
  const compliance = settingsOf("linuxCompliancePolicy");
  expect(compliance.size).toBeGreaterThan(0);
  expect(await named()).toEqual(all.filter(({ id }) => id !== bad && !compliance.has(id)));
  expect(await look()).toEqual({ looked_until: expect.any(Date), is_complete: true });

  // What is passed over alone is passed over, too; and it is not asked for again before the day is over.
  await rows("UPDATE definition_looks SET looked_until = NULL");
  await rows("UPDATE setting_definitions SET fetched_at = now() - interval '25 hours' WHERE name IS NULL");
  expect(await learn()).toMatchObject({ kind: "learned", definitions: 0 });
  expect(await look()).toEqual({ looked_until: expect.any(Date), is_complete: true });
  refused.remove();
  await rows("UPDATE definition_looks SET looked_until = NULL");
  expect(await learn()).toMatchObject({ kind: "learned", definitions: compliance.size, passed_over: 0 });
  failing.remove();
  await rows("UPDATE definition_looks SET looked_until = NULL");
  await rows("UPDATE setting_definitions SET fetched_at = now() - interval '25 hours' WHERE name IS NULL");
  expect(await learn()).toMatchObject({ kind: "learned", definitions: 1 });
  expect(await named()).toEqual(all);

  // An outage in the middle: what was answered before it is kept.
  await forgetAll();
  const later = world.sandbox.fault({
    path: "deviceManagement/complianceSettings/*",
    action: { kind: "status", status: 429, retryAfter: 1 },
  });
  expect(await learn()).toMatchObject({ kind: "try_again" });
  later.remove();
  expect((await named()).length).toBeGreaterThan(0);
  expect(await learn()).toMatchObject({ kind: "learned" });
  expect(await named()).toEqual(all);
});

test("workers that store the same templates wait for each other, and neither for what the other waits for", async () => {
  const [first, ...others] = (await rows("SELECT id FROM setting_templates ORDER BY id")).map(({ id }) => id);
  const later = items.find(({ document }) => others.includes(templateIdIn(document)));
  expect(later).toBeDefined();
  // Its template is asked for before the first one by id.
  await behindTheGuards(world.admin, "UPDATE snapshots SET created_at = '2026-01-01' WHERE sha256 = $1", [
    later?.sha256,
  ]);
  await world.admin.query("UPDATE setting_templates SET fetched_at = now() - interval '31 days'");
  await world.admin.query("UPDATE definition_looks SET looked_until = NULL");
  const other = await world.admin.connect();
  try {
    await other.query("BEGIN");
    await other.query("SELECT FROM setting_templates WHERE id = $1 FOR UPDATE", [first]);
    const learning = learn();
    const waiting =
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await expect.poll(() => rows(waiting), { timeout: 20_000 }).toHaveLength(1);
    const free = "SELECT FROM setting_templates WHERE id = ANY($1) FOR UPDATE SKIP LOCKED";
    const { rowCount } = await other.query(free, [others]);
    await other.query("COMMIT");
    await learning;
    expect(rowCount).toBe(others.length);
  } finally {
    await other.query("ROLLBACK");
    other.release();
  }
});

test("while the tenant is being backed up, nothing is asked; a job of its own goes on later", async () => {
  await rows("DELETE FROM pgboss.job WHERE name = 'learn-definitions'");
  await rows("UPDATE setting_definitions SET name = NULL, fetched_at = now() - interval '25 hours'");
  await rows("UPDATE definition_looks SET begun_at = NULL");
  const { id, actors } = world.tenant;
  const run = await startRun(actors.operator, id, { schedule_id });
  const before = asked();
  expect(await learn()).toEqual({ kind: "nothing_to_do" });
  expect(asked()).toBe(before);
  expect(
    await rows("SELECT start_after > now() AS later FROM pgboss.job WHERE name = 'learn-definitions'"),
  ).toEqual([{ later: true }]);
  await cancelRun(actors.operator, id, { run_id: run.id });
  expect(await learn()).toMatchObject({ kind: "learned" });
});

test("a night in which nothing changed has it learned when all is to be looked through again, and not otherwise", async () => {
  const jobsAfterRun = async () => {
    await rows("DELETE FROM pgboss.job WHERE name = 'learn-definitions'");
    await backUpAgain(world, schedule_id);
    return jobs();
  };
  await learn();
  expect(await jobsAfterRun()).toEqual([]);
  await rows("UPDATE definition_looks SET begun_at = now() - interval '8 days'");
  expect(await jobsAfterRun()).toEqual([{ state: "created" }]);
});
