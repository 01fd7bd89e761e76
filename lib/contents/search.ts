import { capturedWhole } from "#lib/capture/captured-whole";
import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { withoutMark } from "#lib/graph/exact-number";
import { operation } from "#lib/operation";
import { cursorRefused, decodeCursor } from "#lib/pagination";
import { candidatesIn } from "./candidates.ts";
import type { Needle } from "./find-matches.ts";
import { type Candidate, Judge, policiesAtOnce } from "./judge.ts";
import { idsNamed, settingsNamed } from "./named-ids.ts";
import {
  type ContentSearchPage,
  contentSearchSchema,
  contentSearchView,
  type FoundPolicy,
} from "./schema.ts";
import { keyBytes } from "./segment.ts";
import { readSegments } from "./segments.ts";
import { fold } from "./terms.ts";

/** Documents that one call reads, about: what bounds its time. Then the page ends, whatever it holds. */
const readMost = 200;

/** Versions that are in memory at once, but for those of a single policy with more: of each, a line and no document. */
const versionsMost = 2_000;

/**
 * The policies whose content holds a text, now or in any kept set, in the order of type and name. The index says which to
 * read; what is not in it yet is read as well, so an answer never lacks what a run has just stored.
 */
export const searchContents = operation({
  name: "policy.search_contents",
  permission: "set:view",
  effect: "read",
  timeoutMs: 30_000,
  input: contentSearchSchema,
  output: contentSearchView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/policy-contents",
    operationId: "searchPolicyContents",
    summary: "Find policies by what is in them",
    description:
      "Which policies set something, are assigned to somebody, or have a text somewhere; now, or in any backup set.",
    tag: "Backup sets",
    query: contentSearchSchema,
    answer: "In the order of type and name",
    paged: true,
  },
  async run({ db, tenant }, { limit, cursor, search, place, time, policy_type }): Promise<ContentSearchPage> {
    let after = decodeCursor(cursor);
    if (after !== null && !(await db.itemRange.findFirst({ where: { id: after }, select: { id: true } })))
      throw cursorRefused();
    const text = fold(withoutMark(search));
    const segments = await readSegments(db, tenant.id);
    const byText = candidatesIn(segments, { text, named: new Map() });
    const skippedOfText = new Set(byText.skipped);
    const named = await idsNamed(db, tenant.id, text, (key) => !skippedOfText.has(key));
    for (const [settingId, name] of await settingsNamed(db, text)) named.set(settingId, name);
    const { skipped } = named.size === 0 ? byText : candidatesIn(segments, { text, named });
    const needle: Needle = { text, named, place };
    const asked = { skipped, isNow: time === "now", policyType: policy_type ?? null };
    const judge = new Judge(db, tenant.id, needle, asked);
    const items: FoundPolicy[] = [];
    for (;;) {
      const { policies, isLast } = await candidatePage(db, tenant.id, asked, after);
      for (const [n, versions] of policies.entries()) {
        const isEnd = items.length === limit || (judge.read >= readMost && !judge.isReady(versions));
        if (isEnd) return { items, next_cursor: `c${after}` };
        if (n % policiesAtOnce === 0) await judge.prepare(policies.slice(n, n + policiesAtOnce));
        const found = await judge.decide(versions);
        if (found) items.push(found);
        after = versions[0]?.place_id ?? after;
      }
      if (isLast) return { items, next_cursor: null };
    }
  },
});

/**
 * The next policies in the list with those of their versions that could hold the text, the newest first. A version's time is
 * from the first to the last kept set that holds it. It is one of now where no set holds a later one, and none that captured
 * its whole type came later. @returns `isLast`: no policy comes after these
 */
async function candidatePage(
  db: Tx,
  tenantId: number,
  asked: { skipped: readonly string[]; isNow: boolean; policyType: string | null },
  after: bigint | null,
): Promise<{ policies: Candidate[][]; isLast: boolean }> {
  const keys = Buffer.from(asked.skipped.join(""), "hex");
  const ofType =
    asked.policyType === null ? Prisma.empty : Prisma.sql`AND r.policy_type = ${asked.policyType}`;
  const rows = await db.$queryRaw<(Candidate & { is_last: boolean })[]>`
    WITH skipped AS MATERIALIZED (
      SELECT substr(${keys}::bytea, n * ${keyBytes} + 1, ${keyBytes}) AS key
      FROM generate_series(0, ${asked.skipped.length - 1}::int) n
    ), could_hold AS MATERIALIZED (
      SELECT r.id, r.policy_type, r.graph_id FROM item_ranges r
      WHERE r.tenant_id = ${tenantId} ${ofType}
        AND NOT EXISTS (SELECT FROM skipped s WHERE s.key = decode(left(r.sha256, ${2 * keyBytes}), 'hex'))
    ), theirs AS MATERIALIZED (
      -- Also the versions that cannot hold it: one of them may be the newest.
      SELECT r.id, r.kind, r.policy_type, r.graph_id, r.display_name, r.sha256, r.backup_schedule_id, r.from_set_id,
             r.until_set_id
      FROM item_ranges r
      WHERE r.tenant_id = ${tenantId} ${ofType}
        AND (r.policy_type, r.graph_id) IN (SELECT policy_type, graph_id FROM could_hold)
    ), seen AS MATERIALIZED (
      SELECT r.*, l.id AS last_set_id, l.created_at AS last_seen_at
      FROM theirs r
      JOIN LATERAL (
        SELECT b.id, b.created_at FROM backup_sets b
        WHERE b.backup_schedule_id = r.backup_schedule_id AND b.id >= r.from_set_id AND b.id < r.until_set_id
          AND b.deleted_at IS NULL ORDER BY b.id DESC LIMIT 1) l ON true
    ), spans AS MATERIALIZED (
      SELECT s.*, p.last_set_id AS newest_set_id FROM seen s
      JOIN (SELECT policy_type, graph_id, max(last_set_id) AS last_set_id FROM seen GROUP BY policy_type, graph_id) p
        USING (policy_type, graph_id)
      WHERE s.id IN (SELECT id FROM could_hold)
    ), newest AS MATERIALIZED (
      SELECT t.policy_type, (
        SELECT b.id FROM backup_sets b
        WHERE b.tenant_id = ${tenantId} AND b.deleted_at IS NULL
          AND ${capturedWhole(Prisma.sql`b.manifest`, Prisma.sql`t.policy_type`)}
        ORDER BY b.id DESC LIMIT 1) AS set_id
      FROM (SELECT DISTINCT policy_type FROM spans) t
    ), held AS MATERIALIZED (
      SELECT s.*, s.last_set_id = s.newest_set_id AND coalesce(n.set_id <= s.last_set_id, true) AS is_now,
             count(*) OVER (PARTITION BY policy_type, graph_id) AS versions
      FROM spans s JOIN newest n USING (policy_type)
    ), policies AS (
      SELECT p.policy_type, p.graph_id, p.id AS place_id, p.versions, sum(p.versions) OVER w AS versions_so_far,
             count(*) OVER w = count(*) OVER () AS is_last
      FROM (SELECT DISTINCT ON (policy_type, graph_id) * FROM held
            WHERE ${asked.isNow ? Prisma.sql`is_now` : Prisma.sql`true`}
            ORDER BY policy_type, graph_id, last_set_id DESC, id DESC) p
      WHERE ${placeAfter(after)}
      WINDOW w AS (ORDER BY p.kind, p.policy_type COLLATE "C", lower(p.display_name), p.graph_id COLLATE "C"
                   ROWS UNBOUNDED PRECEDING)
    ), page AS (
      SELECT * FROM policies WHERE versions_so_far <= ${versionsMost} OR versions_so_far = versions
      ORDER BY versions_so_far LIMIT ${readMost}
    )
    SELECT h.id, h.kind::text AS kind, h.policy_type, h.graph_id, h.display_name, h.sha256, f.created_at AS first_seen_at,
           h.last_seen_at, h.last_set_id, h.is_now, p.place_id, p.is_last
    FROM page p JOIN held h USING (policy_type, graph_id)
    JOIN LATERAL (
      SELECT b.created_at FROM backup_sets b
      WHERE b.backup_schedule_id = h.backup_schedule_id AND b.id >= h.from_set_id AND b.id < h.until_set_id
        AND b.deleted_at IS NULL ORDER BY b.id LIMIT 1) f ON true
    ORDER BY p.versions_so_far, h.last_set_id DESC, h.id DESC`;
  const policies = [...Map.groupBy(rows, ({ place_id }) => place_id).values()];
  return { policies, isLast: rows.at(-1)?.is_last ?? true };
}

/** What comes after a policy that was seen, by its item: an item's row never changes, so it is a place in the list. */
function placeAfter(itemId: bigint | null): Prisma.Sql {
  if (itemId === null) return Prisma.sql`true`;
  return Prisma.sql`
    (p.kind, p.policy_type COLLATE "C", lower(p.display_name), p.graph_id COLLATE "C") >
    (SELECT a.kind, a.policy_type, lower(a.display_name), a.graph_id FROM item_ranges a WHERE a.id = ${itemId})`;
}
