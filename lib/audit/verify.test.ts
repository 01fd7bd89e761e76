import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Prisma } from "#lib/db/generated/client";
import { withWorld } from "#lib/testing/world";
import type { Anchor } from "./chain.ts";
import { chainsThere, type ReadRows, type VerifiedChain, verifyChain } from "./verify.ts";

const world = withWorld({ policies: 1 });
/** Entries of the chain that is tampered with. */
const size = 24;
let client: pg.PoolClient;
let read: ReadRows;
let chain: number;
/** Of the head, and of an entry in the middle. */
let anchors: Anchor[];
let entryIds: string[];

beforeAll(async () => {
  client = await world.admin.connect();
  read = async <T>(query: Prisma.Sql) => (await client.query(query.text, query.values)).rows as T[];
  chain = world.tenant.id;
  await client.query(rechainFunction);
  const { rowCount } = await client.query("SELECT FROM audit_log WHERE tenant_id = $1", [chain]);
  // In several transactions, each of several entries, with every column filled and every kind of character.
  for (let left = size - (rowCount ?? 0); left > 0; left -= 3)
    await client.query(
      `INSERT INTO audit_log (tenant_id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, details,
                              address, request_id)
       SELECT $1, now() + n * interval '1 ms', 'user', n, E'Zoë "the\\tquote" 大 \\u0001\\u007f', 'run.requested', 'run', n,
              jsonb_build_object('n', n, 'ratio', 1.50, 'text', E'\\\\ / <\\n>', 'nothing', null),
              '192.0.2.' || n, gen_random_uuid()::text
       FROM generate_series(1, least($2::int, 3)) n`,
      [chain, left],
    );
  const { rows } = await client.query(
    "SELECT sequence::text, entry_id::text, encode(hash, 'hex') AS hash FROM audit_chain l WHERE chain = $1 ORDER BY l.sequence",
    [chain],
  );
  entryIds = rows.map((row) => row.entry_id);
  anchors = [rows[size / 2], rows[size - 1]].map(({ sequence, hash }) => ({ chain, sequence, hash }));
});
afterAll(() => client?.release());

/** Does something as the superuser, with every trigger silent, and looks; then it never happened. */
async function afterTampering(
  tamper: () => Promise<unknown>,
  look: () => Promise<VerifiedChain>,
): Promise<VerifiedChain> {
  await client.query("BEGIN; SET LOCAL session_replication_role = replica");
  try {
    await tamper();
    return await look();
  } finally {
    await client.query("ROLLBACK");
  }
}

const sql = async (text: string, ...values: unknown[]) => (await client.query(text, values)).rowCount;

/** Computes places anew, as somebody would who knows how: from one place, to another or the end. */
const rechain = (from: number, to = size) => sql("SELECT rechain($1, $2, $3)", chain, from, to);
const rechainFunction = `
  CREATE FUNCTION rechain(which int, first bigint, last bigint) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    FOR place IN first..last LOOP
      UPDATE audit_chain l SET previous_hash = before.hash,
        hash = sha256(before.hash || convert_to(audit_canonical(e, place), 'UTF8'))
      FROM audit_log e, (SELECT coalesce((SELECT hash FROM audit_chain WHERE chain = which AND sequence = place - 1),
                                         audit_chain_origin()) AS hash) before
      WHERE l.chain = which AND l.sequence = place AND e.id = l.entry_id;
    END LOOP;
  END $$`;
const correctHead = () =>
  sql(
    `UPDATE audit_chains c SET head_sequence = l.sequence, head_hash = l.hash
     FROM (SELECT sequence, hash FROM audit_chain WHERE chain = $1 ORDER BY sequence DESC LIMIT 1) l WHERE c.chain = $1`,
    chain,
  );

/** Repeatable: a generator of its own (mulberry32). */
let seed = 20261129;
function below(limit: number): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
}
function pick<T>(values: readonly [T, ...T[]]): T {
  return values[below(values.length)] ?? values[0];
}
const place = () => 1 + below(size);
const entryAt = (sequence: number) => entryIds[sequence - 1] ?? "0";

/** Each is another value, whatever it was. */
const edits = [
  "tenant_id = NULL",
  "tenant_id = tenant_id + 1",
  "at = at + (1 + $2 % 5000) * interval '1 ms'",
  "at = 'infinity'",
  "actor_kind = actor_kind || '?'",
  "actor_id = coalesce(actor_id, 0) + 1 + $2",
  "actor_name = actor_name || ' '",
  "actor_name = left(actor_name, -1)",
  "action = 'run.retried'",
  "target_kind = CASE WHEN target_kind IS NULL THEN 'set' END",
  "target_id = coalesce(target_id, 0) + 1 + $2",
  `details = details || '{"n": -1}'`,
  "details = CASE WHEN details = '{}' THEN '[]' ELSE '{}'::jsonb END",
  "address = coalesce(address, '') || '1'",
  "request_id = CASE WHEN request_id IS NULL THEN '' END",
] as const;
async function edit(sequence: number): Promise<void> {
  const change = pick(edits);
  const values = change.includes("$2") ? [below(1_000)] : [];
  await sql(`UPDATE audit_log SET ${change} WHERE id = $1`, entryAt(sequence), ...values);
}

async function swap(column: "sequence" | "entry_id" | "hash"): Promise<void> {
  const [one, other] = [place(), place()];
  const two = one === other ? (one % size) + 1 : other;
  await sql("DROP INDEX audit_chain_entry_id_key");
  await sql(
    `UPDATE audit_chain l SET ${column} = ${column === "sequence" ? "-other.sequence" : `other.${column}`}
     FROM audit_chain other
     WHERE l.chain = $1 AND other.chain = $1 AND l.sequence IN ($2, $3) AND other.sequence IN ($2, $3)
       AND l.sequence <> other.sequence`,
    chain,
    one,
    two,
  );
  await sql("UPDATE audit_chain SET sequence = -sequence WHERE sequence < 0");
}

/** Makes room in the chain, or closes a gap. */
async function shift(from: number, by: number): Promise<void> {
  await sql(
    "UPDATE audit_chain SET sequence = -sequence - $3 WHERE chain = $1 AND sequence >= $2",
    chain,
    from,
    by,
  );
  await sql("UPDATE audit_chain SET sequence = -sequence WHERE sequence < 0");
}

async function forge(): Promise<string> {
  const { rows } = await client.query(
    `INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action) VALUES ($1, 'system', 'executor', 'run.succeeded')
     RETURNING id::text`,
    [chain],
  );
  return rows[0].id;
}
const link = (sequence: number, entryId: string) =>
  sql(
    `INSERT INTO audit_chain (chain, sequence, entry_id, previous_hash, hash)
     VALUES ($1, $2, $3, sha256('forged'), sha256('forged'))`,
    chain,
    sequence,
    entryId,
  );
const remove = async (from: number, to: number, what: readonly ("audit_log" | "audit_chain")[]) => {
  if (what.includes("audit_log"))
    await sql(
      "DELETE FROM audit_log WHERE id IN (SELECT entry_id FROM audit_chain WHERE chain = $1 AND sequence BETWEEN $2 AND $3)",
      chain,
      from,
      to,
    );
  if (what.includes("audit_chain"))
    await sql("DELETE FROM audit_chain WHERE chain = $1 AND sequence BETWEEN $2 AND $3", chain, from, to);
};

/** What gives itself away, whoever looks. */
const plain: Record<string, () => Promise<unknown>> = {
  "an entry is changed": () => edit(place()),
  "an entry is changed, and its own hash with it": async () => {
    const sequence = 1 + below(size - 1);
    await edit(sequence);
    await rechain(sequence, sequence);
  },
  "an entry is changed, and the chain from there to somewhere before the end": async () => {
    const sequence = 1 + below(size - 1);
    await edit(sequence);
    await rechain(sequence, sequence + below(size - sequence));
  },
  "an entry is changed, and the chain to the end, but not the head": async () => {
    const sequence = place();
    await edit(sequence);
    await rechain(sequence);
  },
  "a hash is changed": () =>
    sql(
      `UPDATE audit_chain SET ${pick(["hash", "previous_hash"])} = sha256($3::bytea) WHERE chain = $1 AND sequence = $2`,
      chain,
      place(),
      Buffer.from(String(below(1e9))),
    ),
  "some entries are deleted": () => {
    const from = place();
    return remove(
      from,
      from + below(3),
      pick([["audit_log"], ["audit_chain"], ["audit_log", "audit_chain"]]),
    );
  },
  "entries are deleted, and the gap closed": async () => {
    const from = 1 + below(size - 3);
    const count = 1 + below(2);
    await remove(from, from + count - 1, ["audit_log", "audit_chain"]);
    await shift(from, -count);
  },
  "entries change places": () => swap(pick(["sequence", "entry_id", "hash"])),
  "entries change times": async () => {
    const one = 1 + below(size - 1);
    await sql(
      `UPDATE audit_log a SET at = b.at + (a.at = b.at)::int * interval '1 s' FROM audit_log b
       WHERE a.id IN ($1, $2) AND b.id IN ($1, $2) AND a.id <> b.id`,
      entryAt(one),
      entryAt(one + 1 + below(size - one)),
    );
  },
  "an entry is put in without a place": forge,
  "an entry is put in, others move up": async () => {
    const at = place();
    await shift(at, 1);
    await link(at, await forge());
    if (below(2) === 0) await rechain(at, at);
  },
  "an entry is put in behind the head": async () => {
    await link(size + 1, await forge());
    if (below(2) === 0) await rechain(size + 1, size + 1);
  },
  "an entry gets a second place": async () => {
    await sql("DROP INDEX audit_chain_entry_id_key");
    await link(size + 1, entryAt(place()));
  },
  "a place gets a second entry": async () => {
    await sql("ALTER TABLE audit_chain DROP CONSTRAINT audit_chain_pkey");
    await link(place(), await forge());
  },
  "the end is cut off": () => remove(size - below(5), size, ["audit_log", "audit_chain"]),
  "the beginning is cut off": async () => {
    const through = 1 + below(size - 2);
    if (below(2) === 0)
      await sql(
        `UPDATE audit_chains c SET cut_sequence = sequence, cut_hash = hash FROM audit_chain l
         WHERE c.chain = $1 AND l.chain = $1 AND sequence = $2`,
        chain,
        through,
      );
    await remove(1, through, ["audit_log", "audit_chain"]);
  },
  "the head is changed": () =>
    sql(
      pick([
        "UPDATE audit_chains SET head_sequence = head_sequence - 1 WHERE chain = $1",
        "UPDATE audit_chains SET head_sequence = head_sequence + 1 WHERE chain = $1",
        "UPDATE audit_chains SET head_hash = sha256(head_hash) WHERE chain = $1",
        "UPDATE audit_chains SET cut_hash = sha256(cut_hash) WHERE chain = $1",
        "DELETE FROM audit_chains WHERE chain = $1",
      ]),
      chain,
    ),
  "triggers are switched off, and entries deleted": async () => {
    await sql("ALTER TABLE audit_log DISABLE TRIGGER USER");
    await sql("SET LOCAL session_replication_role = origin");
    await sql("DELETE FROM audit_log WHERE id = $1", entryAt(place()));
    await sql("ALTER TABLE audit_log ENABLE TRIGGER USER");
  },
};

/** What somebody does who computes everything anew: only what was noted elsewhere knows better. */
const thorough: Record<string, () => Promise<unknown>> = {
  "an entry is changed": async () => {
    const sequence = place();
    await edit(sequence);
    // An entry of another tenant is no longer of this chain: it is another tampering.
    await sql(
      "UPDATE audit_log SET tenant_id = $1, actor_name = actor_name || '!' WHERE id = $2",
      chain,
      entryAt(sequence),
    );
    await rechain(sequence);
    await correctHead();
  },
  "the end is cut off": async () => {
    await remove(size - below(size - 1), size, ["audit_log", "audit_chain"]);
    await correctHead();
  },
  "an entry is deleted, and the gap closed": async () => {
    const sequence = 1 + below(size - 1);
    await remove(sequence, sequence, ["audit_log", "audit_chain"]);
    await shift(sequence, -1);
    await rechain(sequence, size - 1);
    await correctHead();
  },
  "an entry is put in": async () => {
    const sequence = place();
    await shift(sequence, 1);
    await link(sequence, await forge());
    await rechain(sequence, size + 1);
    await correctHead();
  },
  "the end is replaced": async () => {
    await remove(size, size, ["audit_log", "audit_chain"]);
    await link(size, await forge());
    await rechain(size);
    await correctHead();
  },
  "all of it is gone": async () => {
    await remove(1, size, ["audit_log", "audit_chain"]);
    await sql("DELETE FROM audit_chains WHERE chain = $1", chain);
  },
};

describe("the chain of an audit log", () => {
  test("is whole when nobody has touched it, every chain of the database", async () => {
    expect(await verifyChain(read, chain, anchors)).toEqual({
      chain,
      entries: size,
      head: { sequence: String(size), hash: anchors[1]?.hash },
      cut: "0",
      anchors: { held: 2, removed: 0 },
      fault: null,
    });
    const chains = await chainsThere(read);
    expect(chains).toEqual(expect.arrayContaining([world.tenant.id, world.foreign.id]));
    for (const each of chains) expect((await verifyChain(read, each)).fault).toBeNull();
  });

  test("finds each of 1,000 tamperings by the superuser", { timeout: 120_000 }, async () => {
    const unnoticed: string[] = [];
    const kinds = Object.entries(plain);
    for (let round = 0; round < 820; round += 1) {
      const [name, tamper] = pick(kinds as [(typeof kinds)[0], ...typeof kinds]);
      const { fault } = await afterTampering(tamper, () => verifyChain(read, chain));
      if (fault === null) unnoticed.push(`${round}: ${name}`);
    }
    for (let round = 0; round < 180; round += 1) {
      const kinds = Object.entries(thorough);
      const [name, tamper] = pick(kinds as [(typeof kinds)[0], ...typeof kinds]);
      const { fault } = await afterTampering(tamper, () => verifyChain(read, chain, anchors));
      if (fault === null) unnoticed.push(`${round}: thoroughly, ${name}`);
    }
    expect(unnoticed).toEqual([]);
    expect((await verifyChain(read, chain, anchors)).fault).toBeNull();
  });

  test("names the first entry that is not as it was written", async () => {
    const found = async (tamper: () => Promise<unknown>) =>
      (await afterTampering(tamper, () => verifyChain(read, chain, anchors))).fault;
    expect(
      await found(async () => {
        for (const sequence of [9, 7, 20]) await edit(sequence);
      }),
    ).toEqual({
      sequence: "7",
      entry_id: entryAt(7),
      what: `has a changed entry 7 (id ${entryAt(7)}): it does not fit its hash`,
    });
    expect(await found(() => remove(5, 6, ["audit_log", "audit_chain"]))).toMatchObject({
      sequence: "5",
      entry_id: null,
    });
    expect(await found(thorough["the end is cut off"] ?? edit.bind(null, 1))).toMatchObject({
      what: /^is cut off/,
    });
  });
});
