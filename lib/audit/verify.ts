import { Prisma } from "#lib/db/generated/client";
import { type Anchor, type ChainedEntry, chainOrigin, hashOf, platformChain } from "./chain.ts";

/** Reads the log as the database has it now. Each call may see a later moment than the one before. */
export type ReadRows = <T>(query: Prisma.Sql) => Promise<T[]>;

/** The first thing about a chain that is not as it was written. */
export interface ChainFault {
  /** Where in the chain; null when it is about the whole. */
  sequence: string | null;
  entry_id: string | null;
  /** What is wrong, as the rest of a sentence that begins with the tenant. */
  what: string;
}

export interface VerifiedChain {
  chain: number;
  /** Entries that were looked at. */
  entries: number;
  /** Null for a chain that has no head. */
  head: { sequence: string; hash: string } | null;
  /** Entries that retention removed from the beginning. */
  cut: string;
  /** Anchors that fit, and those of entries that retention has removed. */
  anchors: { held: number; removed: number };
  fault: ChainFault | null;
}

/** Links and entries that are read at a time: with their details a few megabytes at most. */
const batchSize = 1_000;

/** How often a chain is begun anew when retention cut it meanwhile. */
const attempts = 3;

/** The chains that there are, by what any of the three tables knows of them. */
export async function chainsThere(read: ReadRows): Promise<number[]> {
  // Looked up one after another in the indexes: the logs may be long.
  const rows = await read<{ chain: number }>(Prisma.sql`
    WITH RECURSIVE linked(chain) AS (
      SELECT min(chain) FROM audit_chain
      UNION ALL SELECT (SELECT min(chain) FROM audit_chain WHERE chain > linked.chain) FROM linked WHERE chain IS NOT NULL
    ), logged(tenant_id) AS (
      SELECT min(tenant_id) FROM audit_log
      UNION ALL SELECT (SELECT min(tenant_id) FROM audit_log WHERE tenant_id > logged.tenant_id) FROM logged
                WHERE tenant_id IS NOT NULL
    )
    SELECT chain FROM audit_chains UNION SELECT chain FROM linked WHERE chain IS NOT NULL
    UNION SELECT tenant_id FROM logged WHERE tenant_id IS NOT NULL
    UNION SELECT ${platformChain}::int WHERE EXISTS (SELECT FROM audit_log WHERE tenant_id IS NULL)
    ORDER BY chain`);
  return rows.map(({ chain }) => chain);
}

/**
 * Holds the audit log of a tenant against its chain, from the first entry that is kept to the head, and the chain against
 * anchors that were noted elsewhere. A batch of entries is in memory at a time.
 *
 * Without anchors it finds what somebody did who could not, or did not, compute the chain anew up to its end. With an
 * anchor, everything before it is proven.
 * @returns what was found; the first fault only, since after it nothing stands on anything
 */
export async function verifyChain(
  read: ReadRows,
  chain: number,
  anchors: readonly Anchor[] = [],
): Promise<VerifiedChain> {
  for (let attempt = 1; ; attempt += 1) {
    const state = await stateOf(read, chain);
    const verified = await walk(read, chain, state, anchors);
    if (verified.fault === null || attempt === attempts) return verified;
    if ((await stateOf(read, chain))?.cut_sequence === state?.cut_sequence) return verified;
  }
}

interface ChainState {
  head_sequence: string;
  head_hash: string;
  cut_sequence: string;
  cut_hash: string;
  last_sequence: string | null;
}

async function stateOf(read: ReadRows, chain: number): Promise<ChainState | undefined> {
  const [state] = await read<ChainState>(Prisma.sql`
    SELECT head_sequence::text, encode(head_hash, 'hex') AS head_hash, cut_sequence::text,
           encode(cut_hash, 'hex') AS cut_hash,
           (SELECT max(sequence)::text FROM audit_chain WHERE chain = ${chain}) AS last_sequence
    FROM audit_chains WHERE chain = ${chain}`);
  return state;
}

type Link = { sequence: string; previous_hash: string; hash: string; entry_id: string } & (
  | { found: false }
  | (ChainedEntry & { found: true })
);

function readLinks(
  read: ReadRows,
  chain: number,
  after: Pick<Link, "sequence" | "entry_id"> | null,
): Promise<Link[]> {
  const behind = after
    ? Prisma.sql`AND (l.sequence, l.entry_id) > (${after.sequence}::bigint, ${after.entry_id}::bigint)`
    : Prisma.empty;
  return read<Link>(Prisma.sql`
    SELECT l.sequence::text, l.entry_id::text, encode(l.previous_hash, 'hex') AS previous_hash,
           encode(l.hash, 'hex') AS hash, e.id IS NOT NULL AS found, coalesce(e.tenant_id, ${platformChain}::int) AS chain,
           extract(epoch FROM e.at)::text AS at, e.actor_kind, e.actor_id, e.actor_name, e.action, e.target_kind,
           e.target_id, e.details::text AS details, e.address, e.request_id
    FROM audit_chain l LEFT JOIN audit_log e ON e.id = l.entry_id
    WHERE l.chain = ${chain} ${behind}
    ORDER BY l.sequence, l.entry_id LIMIT ${batchSize}`);
}

async function walk(
  read: ReadRows,
  chain: number,
  state: ChainState | undefined,
  anchors: readonly Anchor[],
): Promise<VerifiedChain> {
  const cut = state?.cut_sequence ?? "0";
  const result: VerifiedChain = {
    chain,
    entries: 0,
    head: state ? { sequence: state.head_sequence, hash: state.head_hash } : null,
    cut,
    anchors: { held: 0, removed: 0 },
    fault: null,
  };
  const end = BigInt(state?.head_sequence ?? 0);
  const noted = anchorsBySequence(anchors);
  // Where the walk is: every link must stand on this one.
  let here = { sequence: BigInt(cut), hash: state?.cut_hash ?? chainOrigin };
  let cutIsTold = cut === "0";

  /** Whether the anchors of the place that was reached say the same of it. */
  const anchored = (): ChainFault | null => {
    const hashes = noted.get(here.sequence) ?? [];
    noted.delete(here.sequence);
    result.anchors.held += hashes.length;
    return hashes.every((hash) => hash === here.hash)
      ? null
      : fault(
          here.sequence,
          null,
          `was rewritten: entry ${here.sequence} is not the one that an anchor knows`,
        );
  };
  result.fault = anchored();

  for (let after: Link | null = null; result.fault === null; ) {
    const links: Link[] = await readLinks(read, chain, after);
    for (const link of links) {
      // Written since the walk began.
      if (state && BigInt(link.sequence) > end && state.last_sequence === state.head_sequence) break;
      result.fault = faultOf(link, here) ?? null;
      if (result.fault) return result;
      here = { sequence: BigInt(link.sequence), hash: link.hash };
      result.entries += 1;
      if (link.found && link.action === "audit.cut")
        cutIsTold ||= tellsOfCut(link.details, cut, state?.cut_hash);
      result.fault = anchored();
      if (result.fault) return result;
    }
    after = links.at(-1) ?? null;
    if (links.length < batchSize) break;
  }
  result.fault ??= await faultOfTheWhole();
  return result;

  async function faultOfTheWhole(): Promise<ChainFault | null> {
    if (!state) {
      if (result.entries > 0) return fault(null, null, "has a log without a head");
    } else if (here.sequence !== end) {
      return here.sequence < end
        ? fault(
            here.sequence + 1n,
            null,
            `is cut off: the log ends at entry ${here.sequence}, its head is ${end}`,
          )
        : fault(end + 1n, null, `goes on behind its head: entry ${end + 1n} was added by hand`);
    } else if (here.hash !== state.head_hash) {
      return fault(end, null, `has another head than its last entry, ${end}, says`);
    }
    for (const sequence of noted.keys()) {
      if (sequence > here.sequence)
        return fault(
          here.sequence + 1n,
          null,
          `is cut off: it ends at entry ${here.sequence}, an anchor knows ${sequence}`,
        );
      result.anchors.removed += noted.get(sequence)?.length ?? 0;
    }
    if (!cutIsTold)
      return fault(BigInt(cut), null, `begins behind entry ${cut}, and no entry says that retention cut it`);
    const stray = await strayEntry(read, chain);
    return stray === null
      ? null
      : fault(null, stray, `has an entry that was put in by hand: id ${stray} has no place`);
  }
}

/** What is wrong with a link, given the one before it. */
function faultOf(link: Link, before: { sequence: bigint; hash: string }): ChainFault | null {
  const sequence = BigInt(link.sequence);
  const expected = before.sequence + 1n;
  const id = link.entry_id;
  if (sequence > expected)
    return fault(expected, null, `lacks entry ${expected}: after ${before.sequence} comes ${sequence}`);
  if (sequence < expected) return fault(sequence, id, `has a second entry ${sequence} (id ${id})`);
  if (link.previous_hash !== before.hash)
    return fault(sequence, id, `breaks at entry ${sequence} (id ${id}): it does not stand on the one before`);
  if (!link.found) return fault(sequence, id, `lacks entry ${sequence} (id ${id}): it was deleted`);
  return hashOf(link, link.sequence, before.hash) === link.hash
    ? null
    : fault(sequence, id, `has a changed entry ${sequence} (id ${id}): it does not fit its hash`);
}

/** The first entry of a tenant's log that the chain does not know; null when there is none. */
async function strayEntry(read: ReadRows, chain: number): Promise<string | null> {
  const ofTenant =
    chain === platformChain ? Prisma.sql`e.tenant_id IS NULL` : Prisma.sql`e.tenant_id = ${chain}`;
  for (let after = "-9223372036854775808"; ; ) {
    const rows = await read<{ id: string; placed: boolean }>(Prisma.sql`
      SELECT e.id::text, EXISTS (SELECT FROM audit_chain l WHERE l.entry_id = e.id AND l.chain = ${chain}) AS placed
      FROM audit_log e WHERE ${ofTenant} AND e.id > ${after}::bigint ORDER BY e.id LIMIT ${batchSize * 5}`);
    const stray = rows.find(({ placed }) => !placed);
    if (stray) return stray.id;
    const last = rows.at(-1);
    if (!last || rows.length < batchSize * 5) return null;
    after = last.id;
  }
}

/** Whether an entry of retention's says what the chain's beginning says. */
function tellsOfCut(details: string, sequence: string, hash: string | undefined): boolean {
  const told = JSON.parse(details) as { through_sequence?: unknown; through_hash?: unknown };
  return String(told.through_sequence) === sequence && told.through_hash === hash;
}

function anchorsBySequence(anchors: readonly Anchor[]): Map<bigint, string[]> {
  const noted = new Map<bigint, string[]>();
  for (const { sequence, hash } of anchors) {
    const place = BigInt(sequence);
    noted.set(place, [...(noted.get(place) ?? []), hash]);
  }
  return noted;
}

function fault(sequence: bigint | null, entry_id: string | null, what: string): ChainFault {
  return { sequence: sequence === null ? null : String(sequence), entry_id, what };
}
