import { beforeAll, expect, test } from "vitest";
import { openEnd } from "#lib/sets/ranges";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, insertSets } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { proveSets } from "./verify.ts";

/**
 * Whatever happens to the rows that sets are stored in, every set that it touches is found damaged, and says which policy it
 * is about. Random damage; DAMAGE_CASES tries more of it.
 */

const cases = Number(process.env.DAMAGE_CASES ?? 40);
const world = withWorld({ policies: 1 });
const tables = ["item_ranges", "item_volatiles", "moved_volatiles", "snapshots"];
let sets: number[];
let otherSchedule: number;
let whole: Map<number, Map<string, string>>;

let seed = 20_261_130;
/** A whole number below `count`. */
function random(count: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * count);
}
function oneOf<T>(list: readonly T[]): T {
  return list[random(list.length)] as T;
}

beforeAll(async () => {
  const { id, actors } = world.tenant;
  const day = (n: number) => ({ created_at: new Date(Date.UTC(2026, 0, 1 + n)) });
  otherSchedule = (await makeSchedule(actors.manager, id)).id;
  const other = await insertSets(world.admin, {
    tenantId: id,
    scheduleId: otherSchedule,
    sets: [day(0)],
    items: 2,
  });
  const scheduleId = (await makeSchedule(actors.manager, id)).id;
  const own = await insertSets(world.admin, {
    tenantId: id,
    scheduleId,
    sets: [0, 1, 2, 3, 4, 5].map(day),
    items: 9,
    changed: 3,
  });
  sets = [...other, ...own];
  // What a range says of itself is in short, as runs write it, of every second one.
  await behindTheGuards(
    world.admin,
    `UPDATE item_ranges SET children = short_json('{"assignments": {"captured": 1, "announced": null}}'),
       volatile = short_json('{"version": 7, "lastModifiedDateTime": "2026-11-29T12:00:00Z"}') WHERE id % 2 = 0`,
  );
  await behindTheGuards(world.admin, "UPDATE item_ranges r SET seal = item_range_seal(r)");
  // Policies' volatile fields moved with the third set, in rows of their own as before, and together with the third and the fifth.
  const moved = (set: number, which: string) => `
    FROM item_ranges r WHERE r.backup_schedule_id = ${scheduleId} AND r.from_set_id < ${set} AND r.until_set_id > ${set} AND ${which}`;
  const [third = 0, , fifth = 0] = own.slice(2);
  await behindTheGuards(
    world.admin,
    `INSERT INTO item_volatiles (tenant_id, range_id, from_set_id, volatile, seal)
     SELECT r.tenant_id, r.id, ${third}, '{"at": 3}', '' ${moved(third, "r.id % 3 = 0")}`,
  );
  await behindTheGuards(world.admin, "UPDATE item_volatiles v SET seal = item_volatile_seal(v)");
  for (const [set, which] of [
    [third, "r.id % 3 = 1"],
    [fifth, "r.id % 3 < 2"],
  ] as const) {
    const client = await world.admin.connect();
    await client.query("ALTER TABLE moved_volatiles DISABLE TRIGGER added_in_time");
    await client.query(
      `INSERT INTO moved_volatiles (tenant_id, backup_schedule_id, shelf, from_set_id, places, volatiles)
       SELECT r.tenant_id, ${scheduleId}, r.id / 512, ${set}, array_agg((r.id % 512)::smallint ORDER BY r.id),
              jsonb_agg(CASE WHEN r.id % 2 = 0 THEN '[{"at": 4}]'::jsonb ELSE '{"at": 5}' END ORDER BY r.id)
       ${moved(set, which)} GROUP BY r.tenant_id, r.id / 512`,
    );
    await client.query("ALTER TABLE moved_volatiles ENABLE TRIGGER added_in_time");
    client.release();
  }
  await behindTheGuards(
    world.admin,
    `UPDATE backup_sets b SET volatile_parity = (
       SELECT lpad(to_hex(bit_xor(volatile_key(range_id, begun))), 16, '0')
       FROM (SELECT v.range_id, max(v.from_set_id) AS begun FROM volatile_entries v JOIN item_ranges r ON r.id = v.range_id
             WHERE r.backup_schedule_id = b.backup_schedule_id AND r.from_set_id <= b.id AND r.until_set_id > b.id
               AND v.from_set_id <= b.id GROUP BY v.range_id) shown),
     moved_items = (SELECT array_agg(shelf * 512 + place) FROM moved_volatiles, unnest(places) place WHERE from_set_id = b.id)`,
  );
  await behindTheGuards(world.admin, "UPDATE backup_sets b SET seal = backup_set_seal(b)");
  for (const table of tables) await world.admin.query(`CREATE TABLE saved_${table} AS TABLE ${table}`);
  whole = await held();
});

/** What each set holds: by Graph id, everything that it says of the policy. */
async function held(): Promise<Map<number, Map<string, string>>> {
  const { rows } = await world.admin.query<{ set_id: number; graph_id: string; said: string }>(
    `SELECT backup_set_id AS set_id, graph_id, string_agg((to_jsonb(i) - 'seal')::text, ' ' ORDER BY id) AS said
     FROM backup_items i WHERE tenant_id = $1 GROUP BY 1, 2`,
    [world.tenant.id],
  );
  const found = new Map(sets.map((set) => [set, new Map<string, string>()]));
  for (const { set_id, graph_id, said } of rows) found.get(set_id)?.set(graph_id, said);
  return found;
}

const harm = (sql: string, values: unknown[] = []) => behindTheGuards(world.admin, sql, values);

interface Range {
  id: string;
  graph_id: string;
  sha256: string;
  from_set_id: number;
  until_set_id: number;
}

/** Of a range: what happens to it, and whether its own record tells. */
type Damage = [what: string, told: boolean, inflict: (range: Range) => Promise<number>];

const column = (change: string, where = "true"): Damage => [
  change,
  true,
  (range) => harm(`UPDATE item_ranges SET ${change} WHERE id = $1 AND ${where}`, [range.id]),
];
const until = (what: string, sealed: boolean, to: (range: Range) => number | null): Damage => [
  `${what}${sealed ? ", sealed anew" : ""}`,
  !sealed,
  async (range) => {
    const end = to(range);
    if (end === null || end === range.until_set_id || end <= range.from_set_id) return 0;
    const seal = sealed
      ? "substr(sha256(convert_to(jsonb_build_array(id, $2::int)::text, 'UTF8')), 1, 16)"
      : "end_seal";
    return harm(
      `UPDATE item_ranges SET until_set_id = $2, end_seal = CASE WHEN ${sealed} AND $2 = ${openEnd} THEN NULL ELSE ${seal} END
       WHERE id = $1`,
      [range.id, end],
    ).catch((error: { code?: string }) => {
      // Two versions of a policy cannot both be open.
      if (error.code === "23505") return 0;
      throw error;
    });
  },
];
const isOpen = (range: Range) => range.until_set_id === openEnd;
const ends = (sealed: boolean): Damage[] => [
  until("its end is earlier", sealed, ({ from_set_id, until_set_id }) =>
    until_set_id === openEnd ? null : from_set_id + 1 + random(until_set_id - from_set_id),
  ),
  until("its end is later", sealed, (range) => (isOpen(range) ? null : range.until_set_id + 1 + random(3))),
  until("it is open again", sealed, () => openEnd),
  until("it is closed although it is open", sealed, (range) => (isOpen(range) ? oneOf(sets) : null)),
];

/** Which row holds what of a range moved last, as a condition on `m`; `place`: where in it. */
const newestOf = (id: string) => `
  FROM (SELECT ctid, array_position(places, (${id}::bigint % 512)::smallint) AS place FROM moved_volatiles
        WHERE shelf = ${id}::bigint / 512 AND ${id}::bigint % 512 = ANY (places) ORDER BY from_set_id DESC LIMIT 1) newest
  WHERE m.ctid = newest.ctid`;

const damages: Damage[] = [
  column("kind = 'foundation'"),
  column("policy_type = 'windowsUpdateRing'"),
  column("graph_id = graph_id || 'x'"),
  column("display_name = overlay(display_name PLACING '~' FROM 1)"),
  column("sha256 = reverse(sha256)"),
  column(`volatile = volatile || '{"x": 1}'`),
  column(`children = children || '{"x": 1}'`),
  column("notes = notes || 'x'::text"),
  column("from_set_id = from_set_id - 1"),
  [
    "it begins later",
    true,
    ({ id, from_set_id, until_set_id }) =>
      harm("UPDATE item_ranges SET from_set_id = from_set_id + 1 WHERE id = $1 AND $2", [
        id,
        until_set_id > from_set_id + 1,
      ]),
  ],
  column("seal = set_bit(seal, 77, 1 - get_bit(seal, 77))"),
  column("end_seal = set_bit(end_seal, 3, 1 - get_bit(end_seal, 3))", "end_seal IS NOT NULL"),
  column("end_seal = CASE WHEN end_seal IS NULL THEN '\\x00'::bytea END"),
  [
    "it is of another schedule",
    true,
    (range) =>
      harm("UPDATE item_ranges SET backup_schedule_id = $2 WHERE id = $1", [range.id, otherSchedule]),
  ],
  [
    "it is of another tenant",
    false,
    (range) => harm("UPDATE item_ranges SET tenant_id = $2 WHERE id = $1", [range.id, world.foreign.id]),
  ],
  ["it is deleted", false, (range) => harm("DELETE FROM item_ranges WHERE id = $1", [range.id])],
  ...ends(false),
  ...ends(true),
  ...[
    "volatile = '{}'",
    "is_part = NOT is_part",
    "from_set_id = from_set_id + 1",
    "seal = set_bit(seal, 9, 1 - get_bit(seal, 9))",
  ].map(
    (change): Damage => [
      `of its volatile fields ${change}`,
      false,
      (range) =>
        harm(
          `UPDATE item_volatiles SET ${change} WHERE (range_id, from_set_id) = (SELECT range_id, max(from_set_id) FROM item_volatiles WHERE range_id = $1 GROUP BY range_id)`,
          [range.id],
        ),
    ],
  ),
  [
    "its volatile fields are deleted",
    false,
    (range) =>
      harm(
        "DELETE FROM item_volatiles WHERE ctid = (SELECT ctid FROM item_volatiles WHERE range_id = $1 ORDER BY from_set_id LIMIT 1)",
        [range.id],
      ),
  ],
  ...[
    `volatiles = jsonb_set(volatiles, ARRAY[(place - 1)::text], '{"at": "x"}')`,
    `volatiles = volatiles - (place - 1)`,
    `volatiles = '{"at": 5}'`,
    "places[place] = places[place] + 200",
    "places = array_remove(places, places[place])",
    "shelf = shelf + 1",
    "from_set_id = m.from_set_id + 1",
    "from_set_id = m.from_set_id - 1",
  ].map(
    (change): Damage => [
      `of the fields that moved together ${change}`,
      false,
      (range) => harm(`UPDATE moved_volatiles m SET ${change} ${newestOf("$1")}`, [range.id]),
    ],
  ),
  [
    "the fields that moved together are deleted",
    false,
    (range) =>
      harm(
        "DELETE FROM moved_volatiles WHERE ctid = (SELECT ctid FROM moved_volatiles WHERE shelf * 512 = $1::bigint / 512 * 512 AND $1::bigint % 512 = ANY (places) ORDER BY from_set_id LIMIT 1)",
        [range.id],
      ),
  ],
  [
    "a bit of its snapshot is flipped",
    true,
    (range) => {
      const bit = `${random(8_000)} % (length(content) * 8)`;
      return harm(
        `UPDATE snapshots SET content = set_bit(content, ${bit}, 1 - get_bit(content, ${bit})) WHERE sha256 = $1`,
        [range.sha256],
      );
    },
  ],
  [
    "its snapshot is truncated",
    true,
    (range) =>
      harm("UPDATE snapshots SET content = substr(content, 1, length(content) - 1) WHERE sha256 = $1", [
        range.sha256,
      ]),
  ],
  [
    "its snapshot is deleted",
    true,
    (range) => harm("DELETE FROM snapshots WHERE sha256 = $1", [range.sha256]),
  ],
];

test(`${cases} random damages are found in every set that they touch, by the policy's name`, async () => {
  const { rows: ranges } = await world.admin.query<Range>(
    "SELECT id, graph_id, sha256, from_set_id, until_set_id FROM item_ranges WHERE tenant_id = $1 AND backup_schedule_id <> $2 ORDER BY id",
    [world.tenant.id, otherSchedule],
  );
  const verify = () => proveSets(world.tenant.id, sets);
  expect((await verify()).flatMap((set) => set.faults)).toEqual([]);
  const tried = new Map<string, number>();
  for (let round = 0; [...tried.values()].reduce((sum, count) => sum + count, 0) < cases; round += 1) {
    const [what, told, inflict] = damages[round % damages.length] as Damage;
    const range = oneOf(ranges);
    const change = await inflict(range);
    if (change > 0) {
      const now = await held();
      const verified = new Map((await verify()).map((set) => [set.set_id, set.faults]));
      let touched = 0;
      for (const set of sets) {
        const [before, after] = [whole.get(set), now.get(set)];
        const differing = new Set(
          [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].filter(
            (graph_id) => before?.get(graph_id) !== after?.get(graph_id),
          ),
        );
        const holds = set >= range.from_set_id && set < range.until_set_id && before?.has(range.graph_id);
        const faults = verified.get(set) ?? [];
        const about = `${what}: round ${round}, range ${range.id} ${range.from_set_id}-${range.until_set_id}, set ${set}`;
        if (differing.size === 0 && !(told && holds)) continue;
        touched += 1;
        expect(faults.length, about).toBeGreaterThan(0);
        // Its name is the Graph id; the first letter may be what was damaged. What lies together is damaged together.
        for (const name of what.includes("together") ? differing : [range.graph_id]) {
          expect(
            faults.some((fault) => fault.includes(`${name.slice(1)}"`)),
            `${about}: ${name}: ${faults.join(" ")}`,
          ).toBe(true);
        }
      }
      if (touched > 0) tried.set(what, (tried.get(what) ?? 0) + 1);
      for (const table of tables) {
        await harm(`DELETE FROM ${table}`);
        await harm(`INSERT INTO ${table} SELECT * FROM saved_${table}`);
      }
    }
    if (round > cases * 20)
      throw new Error(`Too little of it touches anything: ${JSON.stringify([...tried])}`);
  }
  expect(tried.size).toBeGreaterThan(Math.min(cases, damages.length) / 2);
  expect((await verify()).flatMap((set) => set.faults)).toEqual([]);
}, 600_000);

test("of fields that moved together those are told that were changed, or all of them when the seal alone was", async () => {
  const { rows } = await world.admin.query<{ id: string; names: string[]; place: number }>(
    `SELECT m.ctid::text AS id, array_agg(r.graph_id ORDER BY r.id) AS names,
            min(array_position(m.places, (r.id % 512)::smallint)) AS place
     FROM moved_volatiles m JOIN item_ranges r ON r.id / 512 = m.shelf AND r.id % 512 = ANY (m.places)
     WHERE m.from_set_id = (SELECT max(from_set_id) FROM moved_volatiles) AND r.until_set_id = ${openEnd} GROUP BY m.ctid LIMIT 1`,
  );
  const [row] = rows;
  if (!row || row.names.length < 2) throw new Error("Nothing moved together");
  const faultsAfter = async (change: string) => {
    await harm(`UPDATE moved_volatiles SET ${change} WHERE ctid = $1::tid`, [row.id]);
    const faults = (await proveSets(world.tenant.id, sets.slice(-1))).flatMap((set) => set.faults);
    await harm("DELETE FROM moved_volatiles");
    await harm("INSERT INTO moved_volatiles SELECT * FROM saved_moved_volatiles");
    const { rows: again } = await world.admin.query<{ id: string }>(
      "SELECT ctid::text AS id FROM moved_volatiles WHERE from_set_id = (SELECT max(from_set_id) FROM moved_volatiles)",
    );
    row.id = again[0]?.id ?? "";
    return row.names.filter((name) => faults.some((fault) => fault.includes(`"${name}"`)));
  };
  expect(await faultsAfter("seal = set_bit(seal, 9, 1 - get_bit(seal, 9))")).toEqual(row.names);
  expect(await faultsAfter("checks = checks || 1")).toEqual(row.names);
  expect(await faultsAfter(`checks[${row.place}] = checks[${row.place}] # 1`)).toEqual(row.names.slice(0, 1));
  expect(await faultsAfter("volatiles = volatiles #- '{0}' || volatiles -> 0")).toEqual(row.names);
});
