import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { retentionActor } from "#lib/access/actor";
import { purgeBin } from "#lib/retention/retention";
import { removeSet } from "#lib/sets/bin";
import { decodeSnapshot } from "#lib/sets/snapshot-codec";
import { makeSchedule } from "#lib/testing/schedules";
import { insertSets, makeSet } from "#lib/testing/sets";
import { withWorld } from "#lib/testing/world";
import { enumValue, propertyName } from "#lib/words/humanize";
import { indexContents } from "./index-contents.ts";
import type { ContentPlace, FoundPolicy } from "./schema.ts";
import { searchContents } from "./search.ts";
import { decodeSegment, holdersOfTerm } from "./segment.ts";
import { fold, termsIn } from "./terms.ts";
import { textsOf } from "./texts.ts";

/** How many documents were read, by anybody. */
const documents = vi.hoisted(() => ({ read: 0 }));
vi.mock("#lib/sets/snapshot-codec", async (importOriginal) => {
  const codec = await importOriginal<typeof import("#lib/sets/snapshot-codec")>();
  return {
    ...codec,
    provenDocument: (stored: Parameters<typeof codec.provenDocument>[0]) => {
      documents.read += 1;
      return codec.provenDocument(stored);
    },
  };
});

const world = withWorld({ policies: 60 });
let sets: number[];

interface Held {
  set_id: number;
  policy_type: string;
  graph_id: string;
  /** `said`: the name of a property, or the value of an enum, as people read it. */
  texts: { folded: string; said: string | null; kind: "name" | "value" }[];
}
/** What each kept set holds, read without the index. */
let held: Held[];

async function readAll(): Promise<Held[]> {
  const { rows } = await world.admin.query<{
    set_id: number;
    policy_type: string;
    graph_id: string;
    encoding: string;
    content: Buffer;
  }>(
    `SELECT i.backup_set_id AS set_id, i.policy_type, i.graph_id, s.encoding, s.content FROM backup_items i
     JOIN snapshots s USING (tenant_id, sha256) JOIN backup_sets b ON b.id = i.backup_set_id
     WHERE i.tenant_id = $1 AND b.deleted_at IS NULL ORDER BY 1`,
    [world.tenant.id],
  );
  return Promise.all(
    rows.map(async ({ encoding, content, ...row }) => ({
      ...row,
      texts: textsOf(JSON.parse(Buffer.from(await decodeSnapshot(encoding, content)).toString("utf8"))).map(
        ({ text, kind }) => ({
          folded: fold(text),
          said:
            kind === "name"
              ? fold(propertyName(text))
              : /^[a-z][a-z\d]*[A-Z][A-Za-z\d]*$/.test(text)
                ? fold(enumValue(text))
                : null,
          kind,
        }),
      ),
    })),
  );
}

/** All pages of a search. */
async function search(text: string, options: { place?: ContentPlace; time?: "now" | "ever" } = {}) {
  const items: FoundPolicy[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await searchContents(world.tenant.actors.readonly, world.tenant.id, {
      search: text,
      limit: 20,
      ...options,
      ...(cursor ? { cursor } : {}),
    });
    items.push(...page.items);
    if (page.next_cursor === null) return items;
    cursor = page.next_cursor;
  }
}

const keyOfPolicy = ({ policy_type, graph_id }: Pick<Held, "policy_type" | "graph_id">) =>
  `${policy_type} ${graph_id}`;

beforeAll(async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, {
    policy_types: [
      "deviceCompliancePolicy",
      "settingsCatalogPolicy",
      "deviceManagementScript",
      "conditionalAccessPolicy",
    ],
  });
  sets = [await makeSet(world.tenant, schedule.id)];
  await indexContents(id);
  world.sandbox.tenant(world.tenant.sandbox.entraTenantId).drift({
    change: 4,
    remove: 2,
    collection: "deviceManagement/configurationPolicies",
  });
  // What this one found is not in the index yet, and found all the same.
  sets.push(await makeSet(world.tenant, schedule.id));
  held = await readAll();
}, 120_000);

describe("search in contents", () => {
  async function agreesWithReadingAll() {
    const last = sets.at(-1) ?? 0;
    const texts = held.flatMap((item) => item.texts.map((each) => each.folded));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(texts.length - 1),
        fc.nat(30),
        fc.integer({ min: 3, max: 30 }),
        fc.constantFrom("now" as const, "ever" as const),
        async (which, at, length, time) => {
          const text = texts[which] ?? "";
          const needle = text.slice(at % text.length, (at % text.length) + length).trim();
          fc.pre((needle.match(/[\p{L}\p{N}]/gu) ?? []).length >= 2);
          const word = needle.replaceAll(/[\s-]+/g, "");
          const holding = held.filter((item) =>
            item.texts.some(
              ({ folded, said }) =>
                folded.includes(needle) || (said?.includes(needle) && folded.includes(word)),
            ),
          );
          const expected = new Map(
            holding
              .filter((item) => time === "ever" || item.set_id === last)
              .map((item) => [keyOfPolicy(item), item]),
          );
          const found = await search(needle, { time });
          // A policy may be found by the name behind an id as well.
          const byText = found.filter((item) => item.matches.some(({ name }) => name === null));
          const foundKeys = new Set(found.map(keyOfPolicy));
          expect([...expected.keys()].filter((key) => !foundKeys.has(key))).toEqual([]);
          expect(byText.map(keyOfPolicy).filter((key) => !expected.has(key))).toEqual([]);
          expect(foundKeys.size).toBe(found.length);
          for (const item of byText) {
            const inSets = holding
              .filter((each) => keyOfPolicy(each) === keyOfPolicy(item))
              .map((each) => each.set_id);
            expect({ newest: item.set_id, is_now: item.is_now }).toEqual({
              newest: Math.max(...inSets),
              is_now: inSets.includes(last),
            });
            expect(item.first_seen_at < item.last_seen_at).toBe(inSets.length > 1);
          }
        },
      ),
      { numRuns: 25 },
    );
  }

  test("finds what reading every policy finds, while the index lacks some and when it lacks none", async () => {
    await agreesWithReadingAll();
    expect(await indexContents(world.tenant.id)).toBeGreaterThan(0);
    expect(await indexContents(world.tenant.id)).toBe(0);
    await agreesWithReadingAll();
  }, 120_000);

  test("looks at what was stored since, and at everything once a week or where the index was lost", async () => {
    const { id } = world.tenant;
    const keyBytesLeft = async () => {
      const { rows } = await world.admin.query<{ bytes: number }>(
        "SELECT coalesce(sum(length(keys)), 0)::int AS bytes FROM content_segments WHERE tenant_id = $1",
        [id],
      );
      return rows[0]?.bytes;
    };
    const whole = await keyBytesLeft();
    const loseNewest = () =>
      world.admin.query(
        `DELETE FROM content_segments WHERE tenant_id = $1
         AND id = (SELECT max(id) FROM content_segments WHERE tenant_id = $1)`,
        [id],
      );
    await world.admin.query(
      "UPDATE content_looks SET looked_until = now() + interval '2 hours' WHERE tenant_id = $1",
      [id],
    );
    await loseNewest();
    expect(await indexContents(id)).toBe(0);
    expect(await keyBytesLeft()).toBeLessThan(whole ?? 0);
    await world.admin.query(
      "UPDATE content_looks SET whole_at = now() - interval '8 days' WHERE tenant_id = $1",
      [id],
    );
    expect(await indexContents(id)).toBeGreaterThan(0);
    expect(await keyBytesLeft()).toBe(whole);
    for (let left = await keyBytesLeft(); left; left = await keyBytesLeft()) await loseNewest();
    expect(await indexContents(id)).toBeGreaterThan(0);
    expect(await keyBytesLeft()).toBe(whole);
  });

  test("finds assignments by a group's name, and names of properties, and says where", async () => {
    const { rows } = await world.admin.query<{ encoding: string; content: Buffer }>(
      `SELECT s.encoding, s.content FROM backup_sets b
       JOIN snapshots s ON s.tenant_id = b.tenant_id AND s.sha256 = b.names_sha256 WHERE b.id = $1`,
      [sets[1]],
    );
    const [stored] = rows;
    if (!stored) throw new Error("the set has no names");
    const { names } = JSON.parse(
      Buffer.from(await decodeSnapshot(stored.encoding, stored.content)).toString("utf8"),
    ) as { names: { group: Record<string, { name: string | null }> } };
    const assigned = held.filter((item) => item.set_id === sets[1]);
    const [id, group] =
      Object.entries(names.group).find(
        ([groupId, { name }]) =>
          name !== null && assigned.some((item) => item.texts.some(({ folded }) => folded === groupId)),
      ) ?? [];
    if (!id || !group?.name) throw new Error("no policy is assigned to a named group");
    const found = await search(group.name, { place: "assignments" });
    const match = found.flatMap((item) => item.matches).find(({ excerpt }) => excerpt.startsWith(id));
    expect(match).toMatchObject({ name: group.name, path: expect.stringMatching(/assignments\[|users/) });
    const byId = await search(id.toUpperCase(), { place: "assignments" });
    expect(byId.length).toBeGreaterThan(0);

    const settings = await search("settingDefinition", { place: "settings" });
    expect(settings.length).toBeGreaterThan(0);
    expect(settings.every((item) => item.matches.every(({ path }) => !path.startsWith("assignments")))).toBe(
      true,
    );
    expect(await search(group.name, { place: "settings" })).toEqual([]);
  });

  test("finds policies by the name of a property as they are read in words", async () => {
    const found = await search("Password minimum length", { place: "settings" });
    const holding = held.filter(
      ({ set_id, texts }) =>
        set_id === sets[1] &&
        texts.some(({ kind, folded }) => kind === "name" && folded.includes("passwordminimumlength")),
    );
    expect(holding.length).toBeGreaterThan(0);
    expect(found.map(keyOfPolicy).sort()).toEqual(holding.map(keyOfPolicy).sort());
  });

  test("finds policies by what a setting is called, however many settings others have taught that are called so", async () => {
    const isSetting = ({ folded }: { folded: string }) => /^(device|user)_vendor_msft_\w+$/.test(folded);
    const [id] = held.flatMap(({ set_id, texts }) => (set_id === sets[1] ? texts.filter(isSetting) : []));
    if (!id) throw new Error("no policy sets anything");
    const holding = held.filter(
      ({ set_id, texts }) => set_id === sets[1] && texts.some(({ folded }) => folded === id.folded),
    );
    await world.admin.query(
      `INSERT INTO setting_definitions (cloud, id, version, name) VALUES ('sandbox', $1, '1', 'A long name with a xylophone')
       ON CONFLICT (cloud, id) DO UPDATE SET name = excluded.name`,
      [id.folded],
    );
    const byName = async () => (await search("xylophone")).map(keyOfPolicy).sort();
    expect(await byName()).toEqual(holding.map(keyOfPolicy).sort());
    await world.admin.query(
      `INSERT INTO setting_definitions (cloud, id, version, name)
       SELECT 'sandbox', 'device_vendor_msft_others_' || n, '1', 'Xylophone ' || n FROM generate_series(1, 1500) n`,
    );
    expect(await byName()).toEqual(holding.map(keyOfPolicy).sort());
    await world.admin.query("DELETE FROM setting_definitions");
  });

  test("shows nothing of another tenant, and refuses what no policy could be found by", async () => {
    const of = (tenant: typeof world.tenant, text: string) =>
      searchContents(tenant.actors.readonly, tenant.id, { search: text });
    expect((await of(world.foreign, "displayName")).items).toEqual([]);
    await expect(of(world.tenant, "- _")).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
    const foreign = searchContents(world.foreign.actors.owner, world.tenant.id, { search: "displayName" });
    await expect(foreign).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("forgets what was purged, in the index too", async () => {
    const [first = 0, last = 0] = sets;
    const kept = new Set(
      held.filter((item) => item.set_id === last).flatMap((item) => item.texts.map(({ folded }) => folded)),
    );
    const gone = held
      .filter((item) => item.set_id === first)
      .flatMap((item) => item.texts.flatMap(({ folded }) => termsIn(folded)))
      .find((term) => /^[\p{L}\p{N}-]{4,40}$/u.test(term) && ![...kept].some((each) => each.includes(term)));
    if (gone === undefined) throw new Error("nothing was in the first set alone");
    expect(await search(gone, { time: "ever" })).not.toEqual([]);
    expect(await isIndexed(gone)).toBe(true);
    expect(await search(gone)).toEqual([]);
    await removeSet(world.tenant.actors.manager, world.tenant.id, { set_id: first });
    await purgeBin(retentionActor, world.tenant.id, { older_than_days: 0 });
    expect(await search(gone, { time: "ever" })).toEqual([]);
    expect(await isIndexed(gone)).toBe(false);
    expect(await indexContents(world.tenant.id)).toBe(0);
  });
});

describe("search in policies with many versions", () => {
  const versions = 120;
  const policies = 4;
  let ids: number[];
  let made: string[];

  beforeAll(async () => {
    const { id: tenantId, actors } = world.foreign;
    const schedule = await makeSchedule(actors.manager, tenantId);
    const sets = Array.from({ length: versions }, (_, n) => ({
      created_at: new Date(Date.UTC(2026, 0, 1 + n)),
    }));
    made = sets.map((set) => set.created_at.toISOString());
    ids = await insertSets(world.admin, {
      tenantId,
      scheduleId: schedule.id,
      sets,
      items: policies,
      changed: policies,
    });
  }, 60_000);

  const foundBy = async (text: string, time: "now" | "ever", cursor?: string) => {
    const before = documents.read;
    const { id, actors } = world.foreign;
    const page = await searchContents(actors.readonly, id, {
      search: text,
      time,
      limit: 50,
      ...(cursor ? { cursor } : {}),
    });
    return { ...page, read: documents.read - before };
  };

  test("reads no more than tells since when and until when each holds the text", async () => {
    const { items, read } = await foundBy("displayName", "ever");
    expect(items.map(({ set_id, first_seen_at, is_now }) => ({ set_id, first_seen_at, is_now }))).toEqual(
      Array.from({ length: policies }, () => ({ set_id: ids.at(-1), first_seen_at: made[0], is_now: true })),
    );
    expect(read).toBe(2 * policies);
  });

  test("ends a page after a bounded number of documents, and the next one goes on", async () => {
    const first = await foundBy("nowhere to be found", "ever");
    expect(first).toMatchObject({ items: [], next_cursor: expect.any(String) });
    // 200, what one statement reads, and the versions of one policy.
    expect(first.read).toBeLessThanOrEqual(200 + 50 + versions);
    const second = await foundBy("nowhere to be found", "ever", first.next_cursor ?? "");
    expect(second).toMatchObject({ items: [], next_cursor: null });
  });

  test.each(["10", "11", "55"])(
    "says of versions that hold %s what reading all of them says",
    async (text) => {
      const holding = made.flatMap((_, n) => (String(n).includes(text) ? [n] : []));
      const [oldest = 0, newest = 0] = [holding[0], holding.at(-1)];
      for (const time of ["now", "ever"] as const) {
        const items: FoundPolicy[] = [];
        for (let cursor: string | undefined; ; ) {
          const page = await foundBy(text, time, cursor);
          items.push(...page.items);
          if (page.next_cursor === null) break;
          cursor = page.next_cursor;
        }
        const isFound = time === "ever" || newest === versions - 1;
        expect(
          items.map(({ set_id, first_seen_at, last_seen_at }) => [set_id, first_seen_at, last_seen_at]),
        ).toEqual(
          isFound ? Array.from({ length: policies }, () => [ids[newest], made[oldest], made[newest]]) : [],
        );
      }
    },
  );
});

async function isIndexed(term: string): Promise<boolean> {
  const { rows } = await world.admin.query<{ keys: Buffer; content: Buffer }>(
    "SELECT keys, content FROM content_segments WHERE tenant_id = $1",
    [world.tenant.id],
  );
  return rows.some((row) => holdersOfTerm(decodeSegment(row), term).length > 0);
}
