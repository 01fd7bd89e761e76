import { createHash } from "node:crypto";
import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import { idSchema } from "#lib/ids";
import { operation, operationInSteps } from "#lib/operation";
import { decodeCursor, pageFields } from "#lib/pagination";
import { reportDamage } from "#lib/sets/damaged-snapshots";
import { provenJson, type StoredDocument, storedDocumentView } from "#lib/sets/snapshot-codec";
import { id, itemKind, sha256 } from "#lib/view-fields";
import { getComparedSet, noCounts } from "./compare.ts";
import { sameDocument, sayingOf } from "./document-diff.ts";
import { type PairOf, pairUp } from "./pair-items.ts";
import { type ComparisonRow, comparisonFilter, comparisonQueryFields, type ItemChange } from "./schema.ts";
import { tenantComparisonView } from "./views.ts";

/** A set of one of two tenants. */
interface SetOfTenant {
  tenant_id: number;
  set_id: number;
}

/** A page of a comparison of two tenants' sets. `counts` and `matching` come with the first page only. */
export type TenantComparison = z.infer<typeof tenantComparisonView>;

const namesBatch = 5_000;
const contentsBatch = 100;

const namedItemView = z.strictObject({
  item_id: id,
  kind: itemKind,
  policy_type: z.string(),
  graph_id: z.string(),
  display_name: z.string(),
  sha256,
  name: z.string().meta({ description: "Under which both sides meet: the name without regard to case" }),
});
type NamedItem = z.infer<typeof namedItemView>;

const namedItems = operation({
  name: "compare.names",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ set_id: idSchema, offset: z.int().min(0) }),
  output: z.array(namedItemView),
  async run({ db }, { set_id, offset }) {
    const rows = await db.$queryRaw<(Omit<NamedItem, "item_id"> & { item_id: bigint })[]>`
      SELECT id AS item_id, kind::text AS kind, policy_type, graph_id, display_name, sha256, lower(display_name) AS name
      FROM backup_items WHERE backup_set_id = ${set_id}
      ORDER BY kind::text DESC, policy_type COLLATE "C", lower(display_name) COLLATE "C", graph_id COLLATE "C"
      LIMIT ${namesBatch} OFFSET ${offset}`;
    return rows.map((row) => ({ ...row, item_id: Number(row.item_id) }));
  },
});

const contents = operation({
  name: "compare.contents",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ hashes: z.array(z.string()).max(contentsBatch) }),
  output: z.array(storedDocumentView),
  async run({ db, tenant }, { hashes }) {
    return db.$queryRaw<StoredDocument[]>`
      SELECT sha256, encoding, content FROM snapshots WHERE tenant_id = ${tenant.id} AND sha256 = ANY(${hashes}::text[])`;
  },
});

/**
 * Compares a set with an older one of another tenant (`with_…`) by the names of their policies. What Graph numbers or dates in each tenant by itself
 * (ids, groups, filters, scope tags) is no difference. The actor needs a role in both tenants. Both sides are read in the
 * order of kind, type and name, a batch at a time. Of policies with one type and name, those are paired first that say
 * the same (`pairUp`).
 * @throws AppError NOT_FOUND for a tenant or set that is not the actor's; VALIDATION_FAILED
 */
export const compareTenants = operationInSteps({
  name: "set.compare_tenants",
  permission: "set:view",
  input: z.strictObject({
    ...pageFields,
    ...comparisonFilter,
    set_id: idSchema,
    with_tenant_id: idSchema,
    with_set_id: idSchema,
  }),
  output: tenantComparisonView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-sets/{setId}/comparison-by-name",
    operationId: "compareTenants",
    summary: "What differs from a set of another tenant, by the policies' names",
    description: "The caller needs a role in both tenants; a token has one tenant.",
    tag: "Backup sets",
    query: z.strictObject({
      ...comparisonQueryFields,
      with_tenant_id: idSchema.meta({ description: "The older set's tenant" }),
      with_set_id: idSchema.meta({ description: "The older set" }),
    }),
    answer: "Counts, and a page of the policies",
  },
  async run({ actor, tenant }, { set_id, with_tenant_id, with_set_id, ...filter }) {
    const left: SetOfTenant = { tenant_id: with_tenant_id, set_id: with_set_id };
    const right: SetOfTenant = { tenant_id: tenant.id, set_id };
    const [leftSet, rightSet] = [
      await getComparedSet(actor, left.tenant_id, { set_id: left.set_id }),
      await getComparedSet(actor, right.tenant_id, { set_id: right.set_id }),
    ];
    const { limit, cursor, changes, policy_type, search } = filter;
    const begin = Number(decodeCursor(cursor) ?? 0);
    const wanted = new Set<ItemChange>(changes ?? ["added", "removed", "changed", "not_captured"]);
    const whole = { left: new Set(leftSet.wholeTypes), right: new Set(rightSet.wholeTypes) };
    const matches = (row: ComparisonRow) =>
      (policy_type === undefined || row.policy_type === policy_type) &&
      (!search ||
        [row.left, row.right].some((side) =>
          side?.display_name.toLowerCase().includes(search.toLowerCase()),
        ));
    const counts = begin === 0 ? noCounts() : null;
    const matching = begin === 0 ? noCounts() : null;
    const items: ComparisonRow[] = [];
    let next_cursor: string | null = null;
    const groups = groupsByName(itemsOf(actor, left), itemsOf(actor, right));
    for await (const { position, rows } of judged(
      actor,
      left.tenant_id,
      right.tenant_id,
      groups,
      begin,
      whole,
    )) {
      for (const [index, row] of rows.entries()) {
        if (counts) counts[row.change] += 1;
        if (!matches(row)) continue;
        if (matching) matching[row.change] += 1;
        if (!wanted.has(row.change)) continue;
        if (items.length < limit) items.push(row);
        else next_cursor ??= `c${position + index}`;
      }
      // The first page counts to the end; the others end when they are full.
      if (next_cursor !== null && !counts) break;
    }
    return { left: leftSet.set, right: rightSet.set, counts, matching, items, next_cursor };
  },
});

type Pair = PairOf<NamedItem>;

/** The policies of one type and name on both sides. */
interface Group {
  lefts: NamedItem[];
  rights: NamedItem[];
}

async function* itemsOf(actor: Actor, { tenant_id, set_id }: SetOfTenant): AsyncGenerator<NamedItem> {
  for (let offset = 0; ; offset += namesBatch) {
    const batch = await namedItems(actor, tenant_id, { set_id, offset });
    yield* batch;
    if (batch.length < namesBatch) return;
  }
}

/** Brings both sides together; each must be in the database's order "C" of kind, type and name. */
async function* groupsByName(
  lefts: AsyncGenerator<NamedItem>,
  rights: AsyncGenerator<NamedItem>,
): AsyncGenerator<Group> {
  let left = await next(lefts);
  let right = await next(rights);
  while (left || right) {
    const first = left && right ? (inOrder(left, right) <= 0 ? left : right) : (left ?? right);
    const group: Group = { lefts: [], rights: [] };
    for (; left && first && inOrder(left, first) === 0; left = await next(lefts)) group.lefts.push(left);
    for (; right && first && inOrder(right, first) === 0; right = await next(rights))
      group.rights.push(right);
    yield group;
  }
}

/** Pairs a group; reads documents only where several could meet and their hashes do not tell. */
async function pairsOf(
  actor: Actor,
  leftTenant: number,
  rightTenant: number,
  { lefts, rights }: Group,
): Promise<Pair[]> {
  const byHash = pairUp(lefts, rights);
  const open = byHash.filter(({ left, right }) => left?.sha256 !== right?.sha256);
  const [openLefts, openRights] = [
    open.flatMap(({ left }) => left ?? []),
    open.flatMap(({ right }) => right ?? []),
  ];
  if (openLefts.length === 0 || openRights.length === 0 || openLefts.length + openRights.length === 2) {
    return byHash;
  }
  return pairUp(lefts, rights, {
    left: await sayings(actor, leftTenant, openLefts),
    right: await sayings(actor, rightTenant, openRights),
  });
}

/** What the documents of these items say (see `sayingOf`), hashed: hash of the document → of what it says. */
async function sayings(
  actor: Actor,
  tenantId: number,
  items: readonly NamedItem[],
): Promise<Map<string, string>> {
  const says = new Map<string, string>();
  const hashes = [...new Set(items.map((item) => item.sha256))];
  for (let from = 0; from < hashes.length; from += contentsBatch) {
    const found = await documents(actor, tenantId, hashes.slice(from, from + contentsBatch));
    for (const [sha256, document] of found) {
      const saying = sayingOf(document, { acrossTenants: true });
      says.set(sha256, createHash("sha256").update(saying).digest("base64"));
    }
  }
  return says;
}

async function next(items: AsyncGenerator<NamedItem>): Promise<NamedItem | null> {
  const { value, done } = await items.next();
  return done ? null : value;
}

function inOrder(a: NamedItem, b: NamedItem): number {
  // Policies before foundations; a type is of one kind.
  if (a.kind !== b.kind) return a.kind === "policy" ? -1 : 1;
  return byBytes(a.policy_type, b.policy_type) || byBytes(a.name, b.name);
}

/** As the collation "C" orders: by the bytes of UTF-8. */
function byBytes(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Says what each pair from `begin` on is, reading both documents where the hashes differ. */
async function* judged(
  actor: Actor,
  leftTenant: number,
  rightTenant: number,
  groups: AsyncGenerator<Group>,
  begin: number,
  whole: WholeTypes,
): AsyncGenerator<{ position: number; rows: ComparisonRow[] }> {
  let seen = 0;
  let batch: Pair[] = [];
  const judgeBatch = async () => {
    const position = seen - batch.length;
    const differing = batch.flatMap(({ left, right }) =>
      left && right && left.sha256 !== right.sha256 ? [{ left: left.sha256, right: right.sha256 }] : [],
    );
    const [lefts, rights] = [
      await documents(
        actor,
        leftTenant,
        differing.map((pair) => pair.left),
      ),
      await documents(
        actor,
        rightTenant,
        differing.map((pair) => pair.right),
      ),
    ];
    const rows = batch.map((pair) => toRow(pair, lefts, rights, whole));
    batch = [];
    return { position, rows };
  };
  for await (const group of groups) {
    const size = Math.max(group.lefts.length, group.rights.length);
    if (seen + size <= begin) {
      seen += size;
      continue;
    }
    for (const pair of await pairsOf(actor, leftTenant, rightTenant, group)) {
      seen += 1;
      if (seen <= begin) continue;
      batch.push(pair);
      if (batch.length === contentsBatch) yield await judgeBatch();
    }
  }
  if (batch.length > 0) yield await judgeBatch();
}

async function documents(
  actor: Actor,
  tenantId: number,
  hashes: readonly string[],
): Promise<Map<string, unknown>> {
  if (hashes.length === 0) return new Map();
  const stored = await contents(actor, tenantId, { hashes: [...new Set(hashes)] });
  // A damaged document differs from everything; it is noted, and verification reports it.
  const documents = new Map<string, unknown>();
  for (const snapshot of stored) {
    const document = await provenJson(snapshot);
    if (document !== null) documents.set(snapshot.sha256, document);
  }
  await reportDamage(
    actor,
    tenantId,
    hashes.filter((hash) => !documents.has(hash)),
  );
  return documents;
}

function toRow(
  { left, right }: Pair,
  lefts: ReadonlyMap<string, unknown>,
  rights: ReadonlyMap<string, unknown>,
  whole: WholeTypes,
): ComparisonRow {
  const one = right ?? left;
  if (!one) throw new Error("A pair has at least one side");
  return {
    change: changeOf(left, right, lefts, rights, whole),
    kind: one.kind,
    policy_type: one.policy_type,
    display_name: one.display_name,
    left: side(left),
    right: side(right),
  };
}

/** The types that either set captured as a whole. */
interface WholeTypes {
  left: ReadonlySet<string>;
  right: ReadonlySet<string>;
}

function changeOf(
  left: NamedItem | null,
  right: NamedItem | null,
  lefts: ReadonlyMap<string, unknown>,
  rights: ReadonlyMap<string, unknown>,
  whole: WholeTypes,
): ItemChange {
  if (!left) return !right || whole.left.has(right.policy_type) ? "added" : "not_captured";
  if (!right) return whole.right.has(left.policy_type) ? "removed" : "not_captured";
  if (left.sha256 === right.sha256) return "unchanged";
  const [before, after] = [lefts.get(left.sha256), rights.get(right.sha256)];
  return before && after && sameDocument(before, after, { acrossTenants: true }) ? "unchanged" : "changed";
}

function side(item: NamedItem | null): ComparisonRow["left"] {
  if (!item) return null;
  const { item_id, graph_id, display_name, sha256 } = item;
  return { item_id, graph_id, display_name, sha256 };
}
