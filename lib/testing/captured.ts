import { systemClock } from "#lib/graph/clock";
import { LimiterRegistry } from "#lib/graph/limiter";
import { policyTypeKeys } from "#lib/policies/catalog";
import { executeRun } from "#lib/runs/execute";
import { getRun } from "#lib/runs/get";
import type { Run } from "#lib/runs/schema";
import { startRun } from "#lib/runs/start";
import { decodeSnapshot } from "#lib/sets/snapshot-codec";
import { unlimitedBudgets } from "#lib/testing/unlimited";
import { makeSchedule } from "./schedules.ts";
import type { World } from "./world.ts";

/** An item of a backup set as the database has it, its snapshot unpacked. */
export interface StoredItem {
  policy_type: string;
  graph_id: string;
  sha256: string;
  children: Record<string, { announced: number | null; captured: number }>;
  notes: string[];
  document: Record<string, unknown>;
}

/** Backs up everything that the world's first tenant has, without regard to Graph's limits. */
export function backUpEverything(world: World): Promise<{ run: Run; items: StoredItem[] }> {
  return backUpTypes(world, policyTypeKeys);
}

/** The same with some policy types, and the foundations. */
export async function backUpTypes(
  world: World,
  policyTypes: readonly string[],
): Promise<{ run: Run; items: StoredItem[] }> {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, {
    policy_types: [...policyTypes],
    include_foundations: true,
  });
  return backUpAgain(world, schedule.id);
}

/** The same with a schedule that is there. */
export async function backUpAgain(
  world: World,
  schedule_id: number,
): Promise<{ run: Run; items: StoredItem[] }> {
  const { id, actors } = world.tenant;
  const { id: run_id } = await startRun(actors.operator, id, { schedule_id });
  const limiters = new LimiterRegistry(systemClock, unlimitedBudgets);
  await executeRun(id, run_id, new AbortController().signal, { limiters });
  const run = await getRun(actors.readonly, id, { run_id });
  const { rows } = await world.admin.query(
    `SELECT i.policy_type, i.graph_id, i.sha256, i.children, i.notes, s.encoding, s.content
     FROM backup_items i JOIN snapshots s ON s.tenant_id = i.tenant_id AND s.sha256 = i.sha256
     WHERE i.backup_set_id = $1`,
    [run.backup_set_id],
  );
  const items = rows.map(async ({ encoding, content, ...row }) => ({
    ...row,
    document: JSON.parse(new TextDecoder().decode(await decodeSnapshot(encoding, content))),
  }));
  return { run, items: await Promise.all(items) };
}
