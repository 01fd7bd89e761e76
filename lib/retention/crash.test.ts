import { fork } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { verifierActor } from "#lib/access/actor";
import { verifyTenant } from "#lib/integrity/verify";
import { updateSchedule } from "#lib/schedules/update";
import { pinSet } from "#lib/sets/pin";
import { listBackupSets } from "#lib/sets/sets";
import { makeSchedule } from "#lib/testing/schedules";
import { insertSets } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { bundled } from "../../scripts/testing/bundle.ts";
import { sweepRetention } from "./retention.ts";

/** Retention and purge in a process that is killed without warning, again and again. */

const world = withWorld({ policies: 1 });

/** Starts a sweep and kills it after `ms`. @returns whether it was in the middle of a sweep */
async function killedSweep(ms: number): Promise<boolean> {
  const child = fork(await bundled("lib/testing/retention-process.ts"), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: [],
    env: process.env,
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let sweeping = false;
  const begun = new Promise<void>((resolve) => {
    child.on("message", (message) => {
      sweeping = message === "sweeping";
      if (sweeping) resolve();
    });
  });
  await Promise.race([
    begun,
    ended.then((code) => Promise.reject(new Error(`The sweep ended by itself with ${code}`))),
  ]);
  await setTimeout(ms);
  child.kill("SIGKILL");
  await ended;
  return sweeping;
}

async function dangling(): Promise<Record<string, number>> {
  const { rows } = await world.admin.query(`
    SELECT (SELECT count(*)::int FROM backup_items i WHERE NOT EXISTS (
              SELECT 1 FROM backup_sets b WHERE b.id = i.backup_set_id)) AS items_without_set,
           (SELECT count(*)::int FROM backup_items i WHERE NOT EXISTS (
              SELECT 1 FROM snapshots s WHERE s.tenant_id = i.tenant_id AND s.sha256 = i.sha256)) AS items_without_snapshot,
           (SELECT count(*)::int FROM backup_schedule_runs r WHERE r.backup_set_id IS NOT NULL AND NOT EXISTS (
              SELECT 1 FROM backup_sets b WHERE b.id = r.backup_set_id)) AS runs_without_set`);
  return rows[0];
}

const rounds = 6;
const whole = { items_without_set: 0, items_without_snapshot: 0, runs_without_set: 0 };

test("killed at any point, it leaves nothing dangling, and every live set whole", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, { retention_keep_last: 1 });
  let inTheMiddle = 0;
  for (let round = 0; round < rounds; round += 1) {
    const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + round * 10 + n));
    const sets = await insertSets(world.admin, {
      tenantId: id,
      scheduleId: schedule.id,
      sets: Array.from({ length: 8 }, (_, n) => ({ created_at: day(n) })),
      items: 40,
      changed: 15,
    });
    await pinSet(actors.manager, id, { set_id: sets[round % 8] ?? 0 });
    await updateSchedule(actors.manager, id, {
      schedule_id: schedule.id,
      changes: { retention_keep_last: 1 + (round % 3) },
    });
    if (await killedSweep(5 + round * 15)) inTheMiddle += 1;
    expect(await dangling(), `round ${round}`).toEqual(whole);
    const verified = await verifyTenant(verifierActor, id, {});
    expect(
      verified.filter((set) => set.status !== "ok"),
      `round ${round}`,
    ).toEqual([]);
  }
  expect(inTheMiddle).toBeGreaterThan(0);

  await sweepRetention({ older_than_days: 0 });
  const { items } = await listBackupSets(actors.readonly, id, { schedule_id: schedule.id, limit: 200 });
  expect(items.filter((set) => !set.pinned_at)).toHaveLength(1 + ((rounds - 1) % 3));
  expect(items.filter((set) => set.pinned_at)).toHaveLength(rounds);
  const { rows } = await world.admin.query(
    `SELECT (SELECT count(*)::int FROM backup_sets WHERE deleted_at IS NOT NULL) AS binned,
            (SELECT count(*)::int FROM snapshots s WHERE NOT EXISTS (
               SELECT 1 FROM backup_items i WHERE i.sha256 = s.sha256 AND i.tenant_id = s.tenant_id)) AS unused`,
  );
  expect(rows[0]).toEqual({ binned: 0, unused: 0 });
  expect(await dangling()).toEqual(whole);
}, 180_000);

test("a bin of more sets than one pass takes is emptied by one sweep", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, { retention_keep_last: 1 });
  await insertSets(world.admin, {
    tenantId: id,
    scheduleId: schedule.id,
    sets: Array.from({ length: 420 }, (_, n) => ({ created_at: new Date(Date.UTC(2024, 0, 1 + n)) })),
  });
  await sweepRetention({ older_than_days: 0 });
  const { rows } = await world.admin.query(
    "SELECT count(*)::int AS left FROM backup_sets WHERE backup_schedule_id = $1",
    [schedule.id],
  );
  expect(rows[0]).toEqual({ left: 1 });
}, 60_000);
