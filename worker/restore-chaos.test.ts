import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { planRestore } from "#lib/restore/create";
import { getRestore, listRestoreItems } from "#lib/restore/list";
import { requestRestore } from "#lib/restore/request";
import { saveRestoreSettings } from "#lib/restore/settings";
import { saveWriteConnection } from "#lib/restore/write-connection";
import { collection, compliancePolicy, policy_type } from "#lib/testing/compliance-policies";
import { makeSchedule } from "#lib/testing/schedules";
import { makeSet } from "#lib/testing/sets";
import { withWorkers } from "#lib/testing/workers";
import { until, withWorld } from "#lib/testing/world";
import { type OwnDatabase, ownDatabase } from "../scripts/testing/own-database.ts";

/**
 * A restore whose worker is killed again and again, and whose PostgreSQL crashes, at moments by chance: every policy comes
 * back once. The Graph sandbox lives in this process. `npm run chaos:restore -- --kills 50 --policies 200` is more of it.
 */
const kills = Number(process.env.RESTORE_CHAOS_KILLS ?? 3);
const policies = Number(process.env.RESTORE_CHAOS_POLICIES ?? 20);
/** Every so many kills are the database's. */
const crashEvery = 3;
/** Of the sandbox: slow enough that a kill meets requests under way. */
const latencyMs = 15;

let database: OwnDatabase;
const world = withWorld({
  policies: 0,
  database: async () => {
    database = await ownDatabase();
    return database;
  },
});
const workers = withWorkers(world);

const handle = () => world.sandbox.tenant(world.tenant.sandbox.entraTenantId);

test(
  "kill -9 of worker and PostgreSQL loses no policy, makes none twice, and every state is true",
  async () => {
    const { id, actors, sandbox } = world.tenant;
    const all = Array.from({ length: policies }, (_, n) => compliancePolicy(n + 1));
    for (const policy of all) handle().put(collection, policy);
    const schedule = await makeSchedule(actors.manager, id, {
      policy_types: [policy_type],
      include_foundations: false,
    });
    const set_id = await makeSet(world.tenant, schedule.id);
    // Half of them are gone and half of them are broken when the restore begins.
    all.forEach((policy, n) => {
      if (n % 2 === 0) handle().remove(collection, policy.id);
      else handle().put(collection, { ...policy, description: "broken", assignments: [] });
    });
    const { writer } = sandbox;
    if (!writer) throw new Error("no writer");
    await saveWriteConnection(actors.owner, id, {
      client_id: writer.clientId,
      credential_kind: "secret",
      credential: writer.clientSecret,
    });
    await saveRestoreSettings(actors.owner, id, {
      two_people: false,
      break_glass_users: [],
      break_glass_groups: [],
      mass_change_limit: 1_000,
    });
    const settings = { RESTORE_SETTLE_SECONDS: "1", WORKER_HEALTH_PORT: "0" };
    let worker = await workers.start(settings);
    const { id: restore_id } = await planRestore(actors.manager, id, {
      set_id,
      items: all.map(({ id: graph_id }) => ({ policy_type, graph_id })),
    });
    const status = async () => (await getRestore(actors.owner, id, { restore_id })).status;
    await until("it is planned", async () => (await status()) === "planned", 120);
    world.sandbox.configure({ latencyMs });
    await requestRestore(actors.owner, id, { restore_id, reason: "Chaos" });
    /** Whether no worker has the restore; null while the database is away. */
    const isIdle = async () => {
      const sql = "SELECT FROM pgboss.job WHERE name = 'execute-restore' AND state = 'active'";
      const held = await world.admin.query(sql).catch(() => null);
      if (held === null) return null;
      return held.rowCount === 0 && ["queued", "running"].includes(await status().catch(() => "running"));
    };
    const hasBegunToWrite = async () =>
      (await getRestore(actors.owner, id, { restore_id }).catch(() => null))?.before_set_id;
    let killed = 0;
    for (; killed < kills; killed += 1) {
      // At work again: a kill of a worker that waits proves nothing.
      await until("it is at work", async () => (await isIdle()) === false, 120);
      // A tenth of them may meet the reading before, the others the writing.
      if (killed >= kills / 10) await until("it writes", hasBegunToWrite, 300);
      await delay(100 + Math.random() * 1_200);
      if (!["queued", "running"].includes(await status().catch(() => "running"))) break;
      if (killed % crashEvery === crashEvery - 1) await database.crash();
      else {
        await workers.kill(worker, "SIGKILL");
        // As the queue does when it has not heard of a worker for ten seconds.
        await world.admin.query(
          "UPDATE pgboss.job SET state = 'retry', start_after = now() WHERE name = 'execute-restore' AND state = 'active'",
        );
        worker = await workers.start(settings);
      }
    }
    const active = ["queued", "running", "waiting"];
    await until("it has ended", async () => !active.includes(await status().catch(() => "running")), 600);

    const items = [];
    for (let cursor: string | undefined; ; ) {
      const page = await listRestoreItems(actors.owner, id, {
        restore_id,
        limit: 200,
        ...(cursor && { cursor }),
      });
      items.push(...page.items);
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    const now = [...handle().objects(collection)].map(({ object }) => object);
    const of = (name: unknown) => now.filter(({ displayName }) => displayName === name);
    const duplicates = all.filter(({ displayName }) => of(displayName).length > 1).length;
    const lost = all.filter(({ displayName }) => of(displayName).length === 0).length;
    const untrue = items.filter(({ state, target_id, display_name }) => {
      const [found] = of(display_name);
      const right =
        found?.id === target_id &&
        found?.description === "as it was" &&
        Array.isArray(found.assignments) &&
        found.assignments.length === 1;
      return (state === "done") !== right;
    });
    if (kills > 3)
      console.log({ policies, killed, duplicates, lost, untrue: untrue.length, status: await status() });
    expect({
      duplicates,
      lost,
      untrue: untrue.map(({ display_name, state }) => `${display_name}: ${state}`),
    }).toEqual({
      duplicates: 0,
      lost: 0,
      untrue: [],
    });
    expect(await status()).toBe("done");
    expect(killed).toBeGreaterThan(0);
  },
  Math.max(180_000, kills * 60_000),
);
