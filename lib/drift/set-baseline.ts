import { z } from "zod";
import { typesCapturedWhole } from "#lib/capture/captured-whole";
import type { TypeSummary } from "#lib/capture/summary";
import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { compareDriftJob } from "#lib/jobs/compare-drift";
import { enqueue } from "#lib/jobs/enqueue";
import { baselineItemsMost } from "#lib/limits";
import { notifyLive } from "#lib/live/notify";
import { operation, operationInSteps } from "#lib/operation";
import { findType } from "#lib/policies/catalog";
import { decisionKey, type KnownObject } from "#lib/restore/mapping";
import { type Referred, referencesIn } from "#lib/restore/plan-all";
import { knownInSet } from "#lib/restore/read-source";
import { setNotFound } from "#lib/sets/sets";
import { provenJson } from "#lib/sets/snapshot-codec";
import { graphId, id, instant, itemKind, policyType, sha256 } from "#lib/view-fields";
import { readBaseline } from "./baseline.ts";
import { lockDrift } from "./lock.ts";
import { sayingHash } from "./saying.ts";
import { coverages, setBaselineInput } from "./schema.ts";
import { tellDrift } from "./tell.ts";
import { baselineView } from "./views.ts";

/** So many policies are read, and written, at once. */
const batch = 500;

const itemView = z.strictObject({
  kind: itemKind,
  policy_type: policyType,
  graph_id: graphId,
  display_name: z.string(),
  sha256,
  encoding: z.string(),
  content: z.instanceof(Uint8Array),
});

/** A policy of the baseline with what it is compared by. */
interface BaselineItem extends z.infer<typeof itemView> {
  hash: string;
}

/** What of a set the baseline is to hold. */
const choiceFields = {
  set_id: idSchema,
  policy_types: z.array(policyType).nullable(),
  items: z.array(z.strictObject({ policy_type: policyType, graph_id: graphId })).nullable(),
};
type Choice = { [K in keyof typeof choiceFields]: z.output<(typeof choiceFields)[K]> };

function chosen({ set_id, policy_types, items }: Choice): Prisma.Sql {
  const types = policy_types ? Prisma.sql`AND policy_type = ANY(${policy_types}::text[])` : Prisma.empty;
  const some = items
    ? Prisma.sql`AND (policy_type, graph_id) IN (
        SELECT policy_type, graph_id FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS w(policy_type text, graph_id text))`
    : Prisma.empty;
  return Prisma.sql`backup_set_id = ${set_id} ${types} ${some}`;
}

/**
 * Opens a set as the source of a baseline. Its policies leave the set's tenant where `for_tenant` is another, and that
 * tenant's audit log says so.
 * @throws AppError NOT_FOUND; CONFLICT for what is more than a baseline holds, or nothing
 */
const openSource = operation({
  name: "baseline.open_source",
  permission: "set:export",
  effect: "write",
  input: z.strictObject({ ...choiceFields, for_tenant: z.strictObject({ id, name: z.string() }) }),
  output: z.strictObject({
    tenant_name: z.string(),
    set_created_at: instant,
    captured: z.array(z.string()),
    whole: z.array(z.string()),
  }),
  async run({ db, tenant, audit, unchanged }, { for_tenant, ...choice }) {
    const set = await db.backupSet.findFirst({
      where: { id: choice.set_id },
      select: { created_at: true, manifest: true },
    });
    if (!set) throw setNotFound();
    const [{ count } = { count: 0 }] = await db.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM backup_items WHERE ${chosen(choice)}`;
    const wanted = choice.items?.length ?? 0;
    if (count < wanted) throw new AppError("NOT_FOUND", "The set does not hold all of these policies.");
    if (count === 0) throw new AppError("CONFLICT", "The set holds no such policy: a baseline needs one.");
    if (count > baselineItemsMost)
      throw new AppError(
        "CONFLICT",
        `A baseline holds ${baselineItemsMost} policies at most; these are ${count}. Choose some of the types.`,
      );
    if (for_tenant.id === tenant.id) unchanged();
    else {
      audit({
        action: "baseline.source_read",
        target: { kind: "set", id: choice.set_id },
        details: { for_tenant_id: for_tenant.id, for_tenant_name: for_tenant.name, policies: count },
      });
    }
    const types = (set.manifest as unknown as { types?: Record<string, TypeSummary> }).types ?? {};
    return {
      tenant_name: tenant.name,
      set_created_at: set.created_at.toISOString(),
      captured: Object.keys(types),
      whole: typesCapturedWhole(types),
    };
  },
});

/** Reads some of the chosen policies, in the order of type and id. */
const readItems = operation({
  name: "baseline.read_items",
  permission: "set:export",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({
    ...choiceFields,
    after: z.strictObject({ policy_type: policyType, graph_id: graphId }),
  }),
  output: z.array(itemView),
  async run({ db }, { after, ...choice }) {
    return db.$queryRaw<z.infer<typeof itemView>[]>`
      SELECT i.kind::text AS kind, i.policy_type, i.graph_id, i.display_name, i.sha256, s.encoding, s.content
      FROM (
        SELECT * FROM backup_items
        WHERE ${chosen(choice)}
          AND (policy_type COLLATE "C", graph_id COLLATE "C") > (${after.policy_type}, ${after.graph_id})
        ORDER BY policy_type COLLATE "C", graph_id COLLATE "C" LIMIT ${batch}) i
      JOIN snapshots s ON s.tenant_id = i.tenant_id AND s.sha256 = i.sha256
      ORDER BY i.policy_type COLLATE "C", i.graph_id COLLATE "C"`;
  },
});

/** What the set's tenant called what the policies refer to. */
const readKnown = operation({
  name: "baseline.read_known",
  permission: "set:export",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({ set_id: idSchema, refs: z.array(z.custom<Referred>()) }),
  output: z.strictObject({ known: z.array(z.custom<KnownObject>()), types: z.array(policyType) }),
  async run({ db }, { set_id, refs }) {
    const set = await db.backupSet.findFirst({
      where: { id: set_id },
      select: { names: { select: { sha256: true, encoding: true, content: true } } },
    });
    if (!set) throw setNotFound();
    return knownInSet(db, set_id, set.names, refs);
  },
});

/** A damaged copy is nothing that a tenant shall look like. @throws AppError CONFLICT */
async function parsed(item: z.infer<typeof itemView>): Promise<unknown> {
  const document = await provenJson(item);
  if (document === null)
    throw new AppError(
      "CONFLICT",
      `The stored copy of "${item.display_name}" is damaged or missing. Choose another set.`,
    );
  return document;
}

const writeBaseline = operation({
  name: "baseline.write",
  permission: "baseline:manage",
  effect: "write",
  timeoutMs: 120_000,
  input: z.strictObject({
    source_tenant_id: idSchema,
    source_tenant_name: z.string(),
    source_set_id: idSchema,
    source_set_created_at: instant,
    coverage: z.enum(coverages),
    types: z.array(z.strictObject({ policy_type: policyType, is_whole: z.boolean() })),
    items: z.custom<readonly BaselineItem[]>(),
    known: z.strictObject({ known: z.array(z.custom<KnownObject>()), types: z.array(policyType) }),
  }),
  output: baselineView,
  async run({ db, tenant, actor, now, audit }, { types, items, known, ...source }) {
    await lockDrift(db, tenant.id);
    await db.baseline.deleteMany({});
    await db.baseline.create({
      data: {
        ...source,
        tenant_id: tenant.id,
        known: known as object,
        set_at: now,
        set_by: actor.kind === "user" ? actor.id : null,
        set_by_name: actor.name,
      },
    });
    const counts = new Map<string, number>();
    for (const { policy_type } of items) counts.set(policy_type, (counts.get(policy_type) ?? 0) + 1);
    await db.baselineType.createMany({
      data: types.map((type) => ({
        ...type,
        tenant_id: tenant.id,
        items: counts.get(type.policy_type) ?? 0,
      })),
    });
    for (let from = 0; from < items.length; from += batch) {
      await db.baselineItem.createMany({
        data: items.slice(from, from + batch).map((item) => ({
          ...item,
          tenant_id: tenant.id,
          content: new Uint8Array(item.content),
        })),
      });
    }
    await endDriftOutside(db, tenant.id);
    await tellDrift(db, tenant.id);
    await enqueue(db, compareDriftJob, [
      { data: { tenant_id: tenant.id, backup_set_id: null }, tenantId: tenant.id },
    ]);
    audit({
      action: "baseline.set",
      details: {
        source_tenant_id: source.source_tenant_id,
        source_tenant_name: source.source_tenant_name,
        set_id: source.source_set_id,
        coverage: source.coverage,
        policies: items.length,
        types: types.map(({ policy_type }) => policy_type),
      },
    });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "drift", id: null }]);
    const made = await readBaseline(db);
    if (!made) throw new Error("The baseline is gone");
    return made;
  },
});

/** What the new baseline says nothing about is no difference any more; the rest the next comparison judges. */
async function endDriftOutside(db: Tx, tenantId: number): Promise<void> {
  await db.$executeRaw`
    UPDATE drifts d SET gone_at = now(), gone_why = 'baseline_changed', version = version + 1
    WHERE d.tenant_id = ${tenantId} AND d.gone_at IS NULL AND NOT EXISTS (
      SELECT FROM baseline_types t
      WHERE t.tenant_id = d.tenant_id AND t.policy_type = d.policy_type
        AND (t.is_whole OR EXISTS (
          SELECT FROM baseline_items i
          WHERE i.tenant_id = d.tenant_id AND i.policy_type = d.policy_type AND i.graph_id = d.graph_id AND d.kind <> 'added')))`;
}

/**
 * Chooses what the tenant shall look like: the policies of a set, all or some, of this tenant or by their names of another
 * one in which the actor may export. Their content is kept with the baseline, so that it outlives the set. Every difference is
 * worked out anew; what people decided stays with those that are as they were.
 * @throws AppError NOT_FOUND; CONFLICT; VALIDATION_FAILED
 */
export const setBaseline = operationInSteps({
  name: "baseline.set",
  permission: "baseline:manage",
  input: setBaselineInput,
  output: baselineView,
  http: {
    method: "PUT",
    path: "/tenants/{tenantId}/baseline",
    operationId: "setBaseline",
    summary: "Choose the baseline",
    description:
      "The policies' content is kept with the baseline, whatever becomes of the set. From another tenant's set the caller needs set exports there, and a token has one tenant.",
    tag: "Drift",
    answer: "The baseline; what differs from it is being worked out",
    errors: ["CONFLICT"],
  },
  async run({ actor, tenant }, { set_id, source_tenant_id = tenant.id, policy_types, items }) {
    const choice: Choice = {
      set_id,
      policy_types: policy_types ?? null,
      items: items ? uniqueItems(items) : null,
    };
    const for_tenant = { id: tenant.id, name: tenant.name };
    const source = await openSource(actor, source_tenant_id, { ...choice, for_tenant });
    const across = source_tenant_id !== tenant.id;
    const read: BaselineItem[] = [];
    const refs = new Map<string, Referred>();
    for (let after = { policy_type: "", graph_id: "" }; ; ) {
      const some = await readItems(actor, source_tenant_id, { ...choice, after });
      for (const item of some) {
        const document = await parsed(item);
        read.push({ ...item, hash: across ? sayingHash(document) : item.sha256 });
        const type = findType(item.policy_type);
        if (!type) continue;
        for (const ref of referencesIn([{ type, backup: document as Record<string, unknown> }]))
          refs.set(decisionKey(ref.kind, ref.id), ref);
      }
      const last = some.at(-1);
      if (!last || some.length < batch) break;
      after = { policy_type: last.policy_type, graph_id: last.graph_id };
    }
    const known = await readKnown(actor, source_tenant_id, { set_id, refs: [...refs.values()] });
    const coverage = items ? "items" : policy_types ? "types" : "all";
    const whole = new Set(coverage === "items" ? [] : source.whole);
    const named = items
      ? new Set(read.map(({ policy_type }) => policy_type))
      : new Set(source.captured.filter((type) => !policy_types || policy_types.includes(type)));
    return writeBaseline(actor, tenant.id, {
      source_tenant_id,
      source_tenant_name: source.tenant_name,
      source_set_id: set_id,
      source_set_created_at: source.set_created_at,
      coverage,
      types: [...named].sort().map((policy_type) => ({ policy_type, is_whole: whole.has(policy_type) })),
      items: read,
      known,
    });
  },
});

function uniqueItems(items: readonly { policy_type: string; graph_id: string }[]) {
  return [...new Map(items.map((item) => [`${item.policy_type} ${item.graph_id}`, item])).values()];
}
