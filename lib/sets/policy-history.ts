import { z } from "zod";
import { capturedWhole } from "#lib/capture/captured-whole";
import { Prisma } from "#lib/db/generated/client";
import { containing } from "#lib/db/ilike";
import { AppError } from "#lib/errors";
import { operation } from "#lib/operation";
import { cursorRefused, decodeCursor, pageFields } from "#lib/pagination";
import { graphId, nameSearch, pageOf, policyType } from "#lib/view-fields";
import { knownPolicyView, policyHistoryView } from "./views.ts";

/** A policy that some live set of the tenant holds; `display_name` is what the newest of them calls it. */
export type KnownPolicy = z.infer<typeof knownPolicyView>;

/**
 * The tenant's policies in all live sets, found by any name that they had or by Graph id; in the order of type and
 * name. A policy that was deleted in the tenant stays to be found as long as a set holds it.
 */
export const searchPolicies = operation({
  name: "policy.search",
  permission: "set:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({
    ...pageFields,
    search: nameSearch.optional(),
    policy_type: policyType.optional(),
  }),
  output: pageOf(knownPolicyView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/policies",
    operationId: "searchPolicies",
    summary: "Find policies by name across all backup sets",
    tag: "Backup sets",
    answer: "In the order of type and name",
    paged: true,
  },
  async run({ db, tenant }, { limit, cursor, search = "", policy_type }) {
    const after = decodeCursor(cursor);
    if (after !== null && !(await db.itemRange.findFirst({ where: { id: after }, select: { id: true } }))) {
      throw cursorRefused();
    }
    const pattern = containing(search);
    const ofType = policy_type ? Prisma.sql`AND policy_type = ${policy_type}` : Prisma.empty;
    const rows = await db.$queryRaw<
      (Omit<KnownPolicy, "first_seen_at" | "last_seen_at" | "last_item_id"> & {
        last_item_id: bigint;
        first_seen_at: Date;
        last_seen_at: Date;
      })[]
    >`
      WITH found AS (
        SELECT DISTINCT policy_type, graph_id FROM item_ranges
        WHERE (display_name ILIKE ${pattern} OR graph_id = ${search}) ${ofType}
      ), spans AS (
        SELECT r.id, r.kind, r.policy_type, r.graph_id, r.display_name, r.sha256, f.created_at AS first_seen_at,
               l.created_at AS last_seen_at, l.id AS last_set_id
        FROM found JOIN item_ranges r USING (policy_type, graph_id)
        JOIN LATERAL (SELECT b.created_at ${liveSetsOf} ORDER BY b.id LIMIT 1) f ON true
        JOIN LATERAL (SELECT b.id, b.created_at ${liveSetsOf} ORDER BY b.id DESC LIMIT 1) l ON true
      ), known AS (
        SELECT policy_type, graph_id, count(DISTINCT fullest_reading(sha256))::int AS versions,
               min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at, max(last_set_id) AS last_set_id
        FROM spans GROUP BY policy_type, graph_id
      ), page AS (
        SELECT i.kind, k.*, i.display_name, i.id AS last_item_id
        FROM known k JOIN spans i USING (policy_type, graph_id, last_set_id)
        WHERE ${afterItem(after)}
        ORDER BY i.kind, policy_type COLLATE "C", lower(i.display_name), graph_id COLLATE "C"
        LIMIT ${limit + 1}
      ), newest AS (
        SELECT t.policy_type, (
          SELECT b.id FROM backup_sets b
          WHERE b.tenant_id = ${tenant.id} AND b.deleted_at IS NULL
            AND ${capturedWhole(Prisma.sql`b.manifest`, Prisma.sql`t.policy_type`)}
          ORDER BY b.id DESC LIMIT 1) AS set_id
        FROM (SELECT DISTINCT policy_type FROM page) t
      )
      SELECT p.kind::text AS kind, p.policy_type, p.graph_id, p.display_name, p.versions, p.first_seen_at, p.last_seen_at,
             p.last_set_id, p.last_item_id, coalesce(n.set_id <= p.last_set_id, true) AS is_present
      FROM page p JOIN newest n USING (policy_type)
      ORDER BY p.kind, p.policy_type COLLATE "C", lower(p.display_name), p.graph_id COLLATE "C"`;
    return {
      items: rows.slice(0, limit).map((row) => ({
        ...row,
        last_item_id: Number(row.last_item_id),
        first_seen_at: row.first_seen_at.toISOString(),
        last_seen_at: row.last_seen_at.toISOString(),
      })),
      next_cursor: rows.length > limit ? `c${rows[limit - 1]?.last_item_id}` : null,
    };
  },
});

/**
 * What comes after a policy that was seen, by its item: an item's row never changes, so its kind, type, name and Graph id
 * are a place in the list however the list changes meanwhile.
 */
function afterItem(itemId: bigint | null): Prisma.Sql {
  if (itemId === null) return Prisma.sql`true`;
  return Prisma.sql`
    (i.kind, i.policy_type COLLATE "C", lower(i.display_name), i.graph_id COLLATE "C") >
    (SELECT a.kind, a.policy_type, lower(a.display_name), a.graph_id FROM item_ranges a WHERE a.id = ${itemId})`;
}

/** The kept sets that hold a range `r`, as the rest of a statement that reads them as `b`. */
const liveSetsOf = Prisma.sql`
  FROM backup_sets b
  WHERE b.backup_schedule_id = r.backup_schedule_id AND b.id >= r.from_set_id AND b.id < r.until_set_id
    AND b.deleted_at IS NULL`;

/** Every range of a policy, with the fullest reading of its content: asked once a range, not once a set. */
function rangesOf(tenantId: number, policyType: string, policyId: string): Prisma.Sql {
  return Prisma.sql`
    SELECT id, backup_schedule_id, from_set_id, until_set_id, kind, display_name, fullest_reading(sha256) AS sha256
    FROM item_ranges WHERE tenant_id = ${tenantId} AND policy_type = ${policyType} AND graph_id = ${policyId}`;
}

/** A policy over time: by version and as a timeline, both newest first. */
export type PolicyHistory = z.infer<typeof policyHistoryView>;

/** One content that a policy had, with its item in the newest live set that holds it. */
type PolicyVersion = PolicyHistory["versions"][number];

/**
 * A stretch of time, from set to set, in which a policy had one content or was not there. Sets that did not capture its
 * whole type and do not hold it say nothing, and are passed over.
 */
export type PolicySpan = PolicyHistory["timeline"][number];

/**
 * The versions of one policy in all live sets, each by when it first and last appeared (a content that came back counts
 * as one version); and the same as a timeline, which shows when it was not there.
 * @throws AppError NOT_FOUND when no live set holds it
 */
export const getPolicyHistory = operation({
  name: "policy.history",
  permission: "set:view",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({
    policy_type: policyType.min(1),
    graph_id: graphId.min(1).max(500, "must be at most 500 characters"),
  }),
  output: policyHistoryView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/policy-history",
    operationId: "getPolicyHistory",
    summary: "A policy's versions over time",
    tag: "Backup sets",
    answer: "Newest first",
  },
  async run({ db, tenant }, { policy_type, graph_id }) {
    const rows = await db.$queryRaw<
      (Omit<PolicyVersion, "item_id" | "first_seen_at" | "last_seen_at"> & {
        item_id: bigint;
        first_seen_at: Date;
        last_seen_at: Date;
      })[]
    >`
      WITH ranges AS MATERIALIZED (${rangesOf(tenant.id, policy_type, graph_id)}), held AS (
        SELECT i.id, i.sha256, i.display_name, b.id AS set_id, b.created_at
        FROM ranges i JOIN backup_sets b
          ON b.backup_schedule_id = i.backup_schedule_id AND b.id >= i.from_set_id AND b.id < i.until_set_id
        WHERE b.deleted_at IS NULL
      )
      SELECT sha256, (array_agg(display_name ORDER BY set_id DESC))[1] AS display_name,
             min(created_at) AS first_seen_at, min(set_id) AS first_set_id, max(created_at) AS last_seen_at,
             max(set_id) AS last_set_id, (array_agg(id ORDER BY set_id DESC))[1] AS item_id, count(*)::int AS set_count,
             coalesce((SELECT bytes_logical FROM snapshots s WHERE s.tenant_id = ${tenant.id} AND s.sha256 = held.sha256), 0)
               AS bytes_logical
      FROM held GROUP BY sha256 ORDER BY max(set_id) DESC`;
    const newest = rows[0];
    if (!newest) {
      throw new AppError("NOT_FOUND", "No backup set of this tenant holds such a policy.");
    }
    const spans = await db.$queryRaw<
      (Omit<PolicySpan, "item_id" | "first_seen_at" | "last_seen_at"> & {
        kind: "policy" | "foundation" | null;
        item_id: bigint | null;
        first_seen_at: Date;
        last_seen_at: Date;
      })[]
    >`
      WITH ranges AS MATERIALIZED (${rangesOf(tenant.id, policy_type, graph_id)}), looks AS (
        SELECT b.id AS set_id, b.created_at, i.id AS item_id, i.kind, i.sha256, i.display_name
        FROM backup_sets b
        LEFT JOIN ranges i
          ON i.backup_schedule_id = b.backup_schedule_id AND i.from_set_id <= b.id AND i.until_set_id > b.id
        WHERE b.tenant_id = ${tenant.id} AND b.deleted_at IS NULL AND b.id >= ${Math.min(...rows.map((row) => row.first_set_id))}
          AND (i.id IS NOT NULL OR ${capturedWhole(Prisma.sql`b.manifest`, Prisma.sql`${policy_type}`)})
      ), numbered AS (
        SELECT *, row_number() OVER (ORDER BY set_id) - row_number() OVER (PARTITION BY sha256 ORDER BY set_id) AS stretch
        FROM looks
      )
      SELECT min(kind::text) AS kind, sha256, (array_agg(display_name ORDER BY set_id DESC))[1] AS display_name,
             min(created_at) AS first_seen_at, min(set_id) AS first_set_id, max(created_at) AS last_seen_at,
             max(set_id) AS last_set_id, count(*)::int AS set_count, (array_agg(item_id ORDER BY set_id DESC))[1] AS item_id,
             (SELECT bytes_logical FROM snapshots s WHERE s.tenant_id = ${tenant.id} AND s.sha256 = numbered.sha256) AS bytes_logical
      FROM numbered GROUP BY sha256, stretch ORDER BY max(set_id) DESC`;
    return {
      kind: spans.find((span) => span.kind !== null)?.kind ?? "policy",
      policy_type,
      graph_id,
      display_name: newest.display_name,
      timeline: spans.map(({ kind: _kind, ...span }) => ({
        ...span,
        item_id: span.item_id === null ? null : Number(span.item_id),
        first_seen_at: span.first_seen_at.toISOString(),
        last_seen_at: span.last_seen_at.toISOString(),
      })),
      versions: rows.map((row) => ({
        ...row,
        item_id: Number(row.item_id),
        first_seen_at: row.first_seen_at.toISOString(),
        last_seen_at: row.last_seen_at.toISOString(),
      })),
      is_present: spans[0]?.sha256 !== null,
    };
  },
});
