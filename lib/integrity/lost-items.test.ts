import { beforeAll, expect, test } from "vitest";
import { transaction } from "#lib/db/transaction";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, insertSets } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { inspectSets } from "./inspect-set.ts";

/** Items that a large set never had: how they are looked for takes no processor for long. */

const world = withWorld({ policies: 1 });
let setId: number;

beforeAll(async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id);
  const [made] = await insertSets(world.admin, {
    tenantId: id,
    scheduleId: schedule.id,
    sets: [{ created_at: new Date(Date.UTC(2026, 0, 1)) }],
    items: 2_000,
  });
  if (made === undefined) throw new Error("the set was not made");
  setId = made;
});

/** Has the set say that it never had its first items. @returns their names */
async function neverHad(count: number): Promise<string[]> {
  const { rows } = await world.admin.query<{ display_name: string }>(
    "SELECT display_name FROM backup_items WHERE backup_set_id = $1 ORDER BY id LIMIT $2",
    [setId, count],
  );
  const names = rows.map((row) => row.display_name);
  await behindTheGuards(
    world.admin,
    `UPDATE backup_sets SET item_count = ${2_000 - count},
       manifest = jsonb_set(manifest, '{types,deviceConfiguration,captured}', '${2_000 - count}'),
       item_parity = (SELECT jsonb_build_object('deviceConfiguration',
                        lpad(to_hex(bit_xor(('x' || left(sha256, 16))::bit(64)::bigint)), 16, '0'))
                      FROM backup_items WHERE backup_set_id = $1 AND display_name <> ALL ($2))
     WHERE id = $1`,
    [setId, names],
  );
  return names;
}

test.each([1, 2, 3])("%i among 2,000 take no two seconds of the processor", async (count) => {
  const names = await neverHad(count);
  const before = process.cpuUsage();
  const inspected = await transaction({ as: "app", tenant_id: world.tenant.id }, async (db) =>
    inspectSets(db, await db.backupSet.findMany({ where: { id: setId } }), new Map()),
  );
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000_000).toBeLessThan(2);
  const { faults = [], status } = inspected.get(setId) ?? {};
  expect(status).toBe("damaged");
  expect(faults.map((fault) => fault.message)).toContain(
    `The set holds 2,000 items, and ${(2_000 - count).toLocaleString("en")} were recorded.`,
  );
  // Three of so many are not looked for: there are too many pairs.
  const named = faults.flatMap((fault) => fault.display_name ?? []);
  expect(named.toSorted()).toEqual(count < 3 ? names.toSorted() : []);
});
