import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Tx } from "#lib/db/transaction";
import { namesSearched } from "#lib/limits";
import type { NamesDocument } from "#lib/names/names";
import { encodeSnapshot } from "#lib/sets/snapshot-codec";
import { documentsAtOnce } from "./documents.ts";
import { idsNamed } from "./named-ids.ts";

/** A database that holds these lists of names, the newest first, and counts the statements that read them. */
async function databaseOf(lists: NamesDocument["names"][]) {
  const stored = await Promise.all(
    lists.map(async (names) => {
      const bytes = Buffer.from(JSON.stringify({ format: "tenantpilot-names", version: 1, names }));
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      return { sha256, ...(await encodeSnapshot(bytes)) };
    }),
  );
  const asked: number[] = [];
  const db = {
    $queryRaw: async () => stored.map(({ sha256 }) => ({ sha256 })),
    snapshot: {
      findMany: async ({ where }: { where: { sha256: { in: string[] } } }) => {
        asked.push(where.sha256.in.length);
        return stored.filter(({ sha256 }) => where.sha256.in.includes(sha256)).toReversed();
      },
    },
  };
  return { db: db as unknown as Tx, asked };
}

const all = () => true;

test("lists of names are read together, the newest of them only, and the newest name counts", async () => {
  const { db, asked } = await databaseOf(
    Array.from({ length: namesSearched.lists + 20 }, (_, n) => ({
      group: {
        "g-same": { name: `Pilot ring ${n}` },
        [`g-${n}`]: { name: "The pilots" },
        [`x-${n}`]: { name: "Others" },
      },
      user: { "u-1": { name: null, user_principal_name: "pilot@contoso.example" } },
    })),
  );
  const named = await idsNamed(db, 1, "pilot", all);
  expect(asked).toEqual(Array.from({ length: namesSearched.lists / documentsAtOnce }, () => documentsAtOnce));
  expect(named.get("g-same")).toBe("Pilot ring 0");
  expect(named.get("u-1")).toBe("pilot@contoso.example");
  expect(named.has(`g-${namesSearched.lists - 1}`)).toBe(true);
  expect(named.has(`g-${namesSearched.lists}`)).toBe(false);
  expect([...named.keys()].filter((id) => id.startsWith("x-"))).toEqual([]);
});

test("no more ids are looked for than tell something apart", async () => {
  const group = Object.fromEntries(
    Array.from({ length: namesSearched.ids + 5 }, (_, n) => [`g-${n}`, { name: `Group ${n}` }]),
  );
  const { db } = await databaseOf([{ group }]);
  expect((await idsNamed(db, 1, "group", all)).size).toBe(namesSearched.ids);
});
