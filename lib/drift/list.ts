import { z } from "zod";
import { Prisma } from "#lib/db/generated/client";
import { containing } from "#lib/db/ilike";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { operation } from "#lib/operation";
import { cursorRefused, decodeIdCursor, pageFields, toPage } from "#lib/pagination";
import { present } from "#lib/present";
import { nameSearch, pageOf, policyType } from "#lib/view-fields";
import { readBaseline } from "./baseline.ts";
import { type Drift, type DriftFilter, driftFilters, driftKinds } from "./schema.ts";
import { isActive } from "./tell.ts";
import { driftSummaryView, driftView } from "./views.ts";

export function driftNotFound(): AppError {
  return new AppError("NOT_FOUND", "There is no such difference in this tenant.");
}

/** How far the tenant is from its baseline. */
export const getDriftSummary = operation({
  name: "drift.summary",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({}),
  output: driftSummaryView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/drift/summary",
    operationId: "getDriftSummary",
    summary: "How far the tenant is from its baseline",
    tag: "Drift",
    answer: "The baseline, and differences by state, kind and type",
  },
  async run({ db, tenant }) {
    const rows = await db.$queryRaw<
      { policy_type: string; kind: Drift["kind"]; state: Drift["state"]; count: number }[]
    >`
      SELECT policy_type, kind, ${shownState} AS state, count(*)::int AS count FROM drifts d
      WHERE tenant_id = ${tenant.id} AND gone_at IS NULL GROUP BY 1, 2, 3 ORDER BY policy_type`;
    const states = { new: 0, accepted: 0, denied: 0 };
    const kinds = { added: 0, removed: 0, changed: 0 };
    const types = new Map<string, typeof states>();
    for (const { policy_type, kind, state, count } of rows) {
      const ofType = types.get(policy_type) ?? { new: 0, accepted: 0, denied: 0 };
      ofType[state] += count;
      types.set(policy_type, ofType);
      states[state] += count;
      if (state !== "accepted") kinds[kind] += count;
    }
    return {
      baseline: await readBaseline(db),
      ...states,
      kinds,
      types: [...types].map(([policy_type, counts]) => ({ policy_type, ...counts })),
    };
  },
});

/** The differences from the baseline, newest first; those that are gone when asked. */
export const listDrift = operation({
  name: "drift.list",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({
    ...pageFields,
    state: z
      .enum(driftFilters, `must be one of ${driftFilters.join(", ")}`)
      .optional()
      .meta({
        description: "active: new or denied; gone: the history; without it, all that there are",
      }),
    kind: z
      .enum(driftKinds, `must be one of ${driftKinds.join(", ")}`)
      .optional()
      .meta({ description: "Only these" }),
    policy_type: policyType.optional(),
    search: nameSearch.optional(),
  }),
  output: pageOf(driftView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/drift",
    operationId: "listDrift",
    summary: "List what differs from the baseline",
    tag: "Drift",
    answer: "Newest first",
    paged: true,
  },
  async run({ db, tenant }, { limit, cursor, state, kind, policy_type, search }) {
    const before = decodeIdCursor(cursor);
    if (before !== null && before < 1) throw cursorRefused();
    const conditions = [
      condition(state),
      before === null ? Prisma.sql`true` : Prisma.sql`d.id < ${before}`,
      kind ? Prisma.sql`d.kind = ${kind}` : Prisma.sql`true`,
      policy_type ? Prisma.sql`d.policy_type = ${policy_type}` : Prisma.sql`true`,
      search ? Prisma.sql`d.display_name ILIKE ${containing(search)}` : Prisma.sql`true`,
    ];
    const rows = await driftWhere(db, tenant.id, Prisma.join(conditions, " AND "), limit + 1);
    return toPage(rows, limit, (drift) => drift);
  },
});

function condition(state: DriftFilter | undefined): Prisma.Sql {
  if (state === "gone") return Prisma.sql`d.gone_at IS NOT NULL`;
  if (state === undefined) return Prisma.sql`d.gone_at IS NULL`;
  if (state === "active") return isActive;
  return Prisma.sql`d.gone_at IS NULL AND ${shownState} = ${state}`;
}

/** An acceptance whose time is over is none any more, also before the tick has come by. */
const shownState = Prisma.sql`
  CASE WHEN d.gone_at IS NULL AND d.state = 'accepted' AND d.accepted_until <= now() THEN 'new' ELSE d.state END`;

interface Row extends Omit<Drift, "decided_by" | "changed_by" | "live_item_id"> {
  live_item_id: bigint | null;
  decided_by: number | null;
  decided_by_name: string | null;
  changed_by: { who: string; kind: "user" | "app" | "unknown"; at: string } | null;
}

/** Differences as they are shown, newest first, each with who changed the policy last. */
async function driftWhere(db: Tx, tenantId: number, where: Prisma.Sql, limit: number): Promise<Drift[]> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT d.id, d.kind, ${shownState} AS state, d.item_kind::text AS item_kind, d.policy_type, d.graph_id, d.live_graph_id,
           d.display_name, d.found_at, d.changed_at, d.seen_set_id, d.live_item_id, d.decided_at, d.decided_by,
           d.decided_by_name, d.reason, d.accepted_until,
           CASE WHEN ${shownState} <> d.state THEN 'expired' ELSE d.renewed END AS renewed,
           d.gone_at, d.gone_why, d.version, a.changed_by
    FROM drifts d
    LEFT JOIN LATERAL (
      SELECT jsonb_build_object('who', c.actor_name, 'kind', c.actor_kind,
               'at', to_char(c.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) AS changed_by
      FROM policy_changes c
      WHERE c.tenant_id = d.tenant_id AND c.graph_id = coalesce(d.live_graph_id, d.graph_id)
        -- What was done before the baseline is no part of the difference.
        AND c.occurred_at > coalesce((SELECT b.source_set_created_at FROM baselines b
                                      WHERE b.tenant_id = d.tenant_id AND b.source_tenant_id = b.tenant_id), '-infinity')
        AND c.occurred_at <= coalesce(d.gone_at, now())
      ORDER BY c.occurred_at DESC LIMIT 1) a ON true
    WHERE d.tenant_id = ${tenantId} AND ${where} ORDER BY d.id DESC LIMIT ${limit}`;
  return rows.map(({ decided_by, decided_by_name, changed_by, ...row }) => ({
    ...present(plainView, row),
    decided_by: decided_by_name === null ? null : { id: decided_by, name: decided_by_name },
    changed_by,
  }));
}

const plainView = driftView.omit({ decided_by: true, changed_by: true });

/** Some differences of the tenant, newest first; those that are not there are left out. */
export function driftById(db: Tx, tenantId: number, ids: readonly number[]): Promise<Drift[]> {
  return driftWhere(db, tenantId, Prisma.sql`d.id = ANY(${[...ids]}::int[])`, ids.length);
}

const sideView = z.strictObject({
  sha256: z.string(),
  encoding: z.string(),
  content: z.instanceof(Uint8Array),
});

/**
 * A difference with both stored sides, as far as they are still stored: the baseline's, as long as the baseline has the policy
 * as it had it when the difference was last seen.
 * @throws AppError NOT_FOUND
 */
export const readDrift = operation({
  name: "drift.read",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ drift_id: idSchema }),
  output: z.strictObject({
    drift: driftView,
    is_across_tenants: z.boolean(),
    baseline: sideView.nullable(),
    live: sideView.nullable(),
    baseline_set_id: idSchema.nullable(),
    /** The baseline's column. */
    known: z.unknown(),
  }),
  async run({ db, tenant }, { drift_id }) {
    const [drift] = await driftById(db, tenant.id, [drift_id]);
    if (!drift) throw driftNotFound();
    const row = await db.drift.findFirstOrThrow({
      where: { id: drift_id },
      select: { baseline_hash: true, live_sha256: true },
    });
    const chosen = await db.baseline.findFirst({
      select: { source_tenant_id: true, source_set_id: true, known: true },
    });
    const across = chosen !== null && chosen.source_tenant_id !== tenant.id;
    const { policy_type, graph_id } = drift;
    const content = { sha256: true, encoding: true, content: true } as const;
    const baseline =
      row.baseline_hash === null
        ? null
        : await db.baselineItem.findFirst({
            where: { policy_type, graph_id, hash: row.baseline_hash },
            select: content,
          });
    const live =
      row.live_sha256 === null
        ? null
        : await db.snapshot.findFirst({ where: { sha256: row.live_sha256 }, select: content });
    return {
      drift,
      is_across_tenants: across,
      baseline,
      live,
      baseline_set_id: chosen && !across ? chosen.source_set_id : null,
      known: chosen?.known ?? {},
    };
  },
});
