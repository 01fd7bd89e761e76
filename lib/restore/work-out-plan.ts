import { z } from "zod";
import { restorerActor } from "#lib/access/actor";
import { connectionOrFaultView, readConnectionOrFault } from "#lib/connection/store";
import { isExpired, isUnreachable, type Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { createGraphClient, type GraphTuning } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import { idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { log } from "#lib/log";
import { operation } from "#lib/operation";
import { catalog } from "#lib/policies/catalog";
import { type DirectoryAnswers, lookUpInDirectory } from "./directory.ts";
import { readLive } from "./live-run.ts";
import { lookUpOffers } from "./look-up-offers.ts";
import { decisionKey, type KnownObject, kindsOf } from "./mapping.ts";
import { matchAll } from "./match-set.ts";
import type { Offers } from "./offered.ts";
import { type OffersWanted, offersWanted } from "./offers.ts";
import { type Referred, referencesIn } from "./plan-all.ts";
import { isFromElsewhere, movedSincePlan, plannedForView, readFromOf } from "./planned-for.ts";
import { type CapturedRow, capturedObjects } from "./read-source.ts";
import { knownOf, planContextOf } from "./rows.ts";
import { plannableItems, planStored } from "./stored-plan.ts";

/** What the queue has to do with the job. */
export type PlanningResult =
  | { kind: "planned" | "failed" | "released" }
  | { kind: "try_again"; reason: string };

const workView = z.strictObject({
  types: z.array(z.string()),
  refs: z.array(z.custom<Referred>()),
  source: z.array(z.custom<KnownObject>()),
  offers: z.custom<OffersWanted>(),
  connection: connectionOrFaultView,
});

const beginPlanning = operation({
  name: "restore.begin_planning",
  permission: "restore:work",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ restore_id: idSchema, job_id: z.uuid() }),
  output: workView.nullable(),
  async run({ db, tenant }, { restore_id, job_id }) {
    const restore = await db.restore.findFirst({ where: { id: restore_id, status: "planning", job_id } });
    if (!restore) return null;
    const items = await plannableItems(db, tenant.id, restore_id);
    const refs = referencesIn(items);
    const types = [...items.map(({ type }) => type.key), ...storedTypes(restore.known), ...typesOf(refs)];
    return {
      types: [...new Set(types)],
      refs,
      source: [...knownOf(restore.known).source],
      offers: offersWanted(items),
      connection: await readConnectionOrFault(db, tenant.id),
    };
  },
});

function storedTypes(known: unknown): string[] {
  return z.object({ types: z.array(z.string()).default([]) }).parse(known).types;
}

/** Types whose objects such references may lead to; of those to any policy, only the set knows. */
function typesOf(refs: readonly Referred[]): string[] {
  const kinds = new Set<string>(refs.map(({ kind }) => kind).filter((kind) => kind !== "policy"));
  return catalog.filter(({ key }) => kindsOf(key).some((kind) => kinds.has(kind))).map(({ key }) => key);
}

const finishPlanning = operation({
  name: "restore.finish_planning",
  permission: "restore:work",
  effect: "write",
  timeoutMs: 120_000,
  input: z.strictObject({
    restore_id: idSchema,
    job_id: z.uuid(),
    set_id: idSchema,
    directory: z.custom<DirectoryAnswers>(),
    offers: z.custom<Offers>(),
    planned_for: plannedForView,
  }),
  output: z.enum(["planned", "moved", "released"]),
  async run({ db, tenant, now, audit, unchanged }, input) {
    const { restore_id, job_id, set_id, directory, offers, planned_for } = input;
    const restore = await lockPlanning(db, restore_id, job_id);
    if (!restore) {
      unchanged();
      return "released";
    }
    // What was read may be of either tenant.
    if (await movedSincePlan(db, { planned_for })) {
      unchanged();
      return "moved";
    }
    const items = await plannableItems(db, tenant.id, restore_id);
    const between = { read_from: readFromOf(restore.known), planned_for };
    const isForeign = isFromElsewhere(tenant.id, { ...restore, known: between });
    const matched = await matchAll(db, set_id, items, isForeign);
    await db.$executeRaw`
      UPDATE restore_items i
      SET "match" = m.match, live_graph_id = m.live_graph_id, live_sha256 = b.sha256, live_encoding = s.encoding,
          live_content = s.content
      FROM jsonb_to_recordset(${JSON.stringify(matched)}::jsonb) AS m(id int, match text, live_graph_id text)
      JOIN restore_items own ON own.id = m.id
      LEFT JOIN backup_items b
        ON b.backup_set_id = ${set_id} AND b.policy_type = own.policy_type AND b.graph_id = m.live_graph_id
      LEFT JOIN snapshots s ON s.tenant_id = b.tenant_id AND s.sha256 = b.sha256
      WHERE i.id = m.id AND i.restore_id = ${restore_id}`;
    const refs = referencesIn(items);
    const { source } = knownOf(restore.known);
    const target = [
      ...directory.found,
      ...(await liveObjects(db, set_id, refs, source)),
      ...(isForeign ? [] : await stillReferredTo(db, tenant.id, restore_id, refs, source, directory)),
    ];
    const types = storedTypes(restore.known);
    const known = { source, target: unique(target), types, ...between, offers };
    await planStored(db, tenant.id, restore_id, await planContextOf(db, tenant.id, { ...restore, known }));
    await db.restore.update({
      where: { id: restore_id },
      data: {
        status: "planned",
        planned_at: now,
        live_set_id: set_id,
        known: known as object,
        error_code: null,
        error_message: null,
        version: { increment: 1 },
      },
    });
    audit({ action: "restore.planned", target: { kind: "restore", id: restore_id }, details: { set_id } });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "restore", id: restore_id }]);
    return "planned";
  },
});

async function lockPlanning(db: Tx, restoreId: number, jobId: string) {
  await db.$queryRaw`SELECT id FROM restores WHERE id = ${restoreId} FOR UPDATE`;
  return db.restore.findFirst({ where: { id: restoreId, status: "planning", job_id: jobId } });
}

const failPlanning = operation({
  name: "restore.fail_planning",
  permission: "restore:work",
  effect: "write",
  input: z.strictObject({
    restore_id: idSchema,
    job_id: z.uuid(),
    error_code: z.string(),
    error_message: z.string(),
  }),
  output: z.void(),
  async run({ db, tenant, audit, unchanged }, { restore_id, job_id, error_code, error_message }) {
    const restore = await lockPlanning(db, restore_id, job_id);
    if (!restore) return unchanged();
    await db.restore.update({
      where: { id: restore_id },
      data: { status: "plan_failed", error_code, error_message, version: { increment: 1 } },
    });
    audit({
      action: "restore.plan_failed",
      target: { kind: "restore", id: restore_id },
      details: { error_code },
    });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "restore", id: restore_id }]);
  },
});

/** What the live set holds under the ids or the names of what is referred to. */
async function liveObjects(
  db: Tx,
  setId: number,
  refs: readonly Referred[],
  source: readonly KnownObject[],
): Promise<KnownObject[]> {
  const ids = refs.map(({ id }) => id);
  const names = source.map(({ name }) => name);
  const rows = await db.$queryRaw<CapturedRow[]>`
    SELECT i.policy_type, i.graph_id, i.display_name, s.sha256, s.encoding, s.content
    FROM backup_items i
    LEFT JOIN snapshots s ON i.policy_type = 'mobileApp' AND s.tenant_id = i.tenant_id AND s.sha256 = i.sha256
    WHERE i.backup_set_id = ${setId} AND (i.graph_id = ANY(${ids}::text[]) OR i.display_name = ANY(${names}::text[]))`;
  const kinds = new Set(refs.map(({ kind }) => kind));
  return (await capturedObjects(rows))
    .filter(({ kind }) => kinds.has(kind))
    .map(({ policy_type, ...object }) => object);
}

/** Kinds of which neither a set nor the directory tells what there is. */
const untold: ReadonlySet<string> = new Set(["termsOfUse", "authenticationContext", "appCategory"]);

/** What live policies of the same tenant refer to now is there, where nothing else tells. */
async function stillReferredTo(
  db: Tx,
  tenantId: number,
  restoreId: number,
  refs: readonly Referred[],
  source: readonly KnownObject[],
  { unasked }: DirectoryAnswers,
): Promise<KnownObject[]> {
  const names = new Map(source.map((object) => [decisionKey(object.kind, object.id), object]));
  const items = await plannableItems(db, tenantId, restoreId);
  const live = items.flatMap(({ type, live: document }) => (document ? [{ type, backup: document }] : []));
  const now = new Set(referencesIn(live).map(({ kind, id }) => decisionKey(kind, id)));
  return refs
    .filter(({ kind, id }) => (untold.has(kind) || unasked.includes(kind)) && now.has(decisionKey(kind, id)))
    .map((ref) => names.get(decisionKey(ref.kind, ref.id)) ?? { ...ref, name: ref.id });
}

function unique(objects: readonly KnownObject[]): KnownObject[] {
  return [...new Map(objects.map((object) => [decisionKey(object.kind, object.id), object])).values()];
}

/**
 * Works out the plan of a restore: reads what is live as a run of its own, looks up what the policies refer to, and keeps
 * for each item what would be done. Safe to repeat, and to begin anew after a crash at any line.
 * @param jobId the job that the restore must still have
 * @param signal aborts when the worker is to stop
 */
export async function workOutPlan(
  tenantId: number,
  restoreId: number,
  jobId: string,
  signal: AbortSignal,
  tuning: Partial<GraphTuning> = {},
): Promise<PlanningResult> {
  try {
    return await plan(tenantId, restoreId, jobId, signal, tuning);
  } catch (error) {
    if (signal.aborted || error instanceof AppError || isUnreachable(error) || isExpired(error)) throw error;
    log.error({ err: error, restore_id: restoreId }, "a restore was not planned: an unexpected error");
    await failPlanning(restorerActor, tenantId, {
      restore_id: restoreId,
      job_id: jobId,
      error_code: "UNKNOWN",
      error_message: `Something unexpected went wrong; the worker's log has it under restore ${restoreId}.`,
    });
    return { kind: "failed" };
  }
}

async function plan(
  tenantId: number,
  restoreId: number,
  jobId: string,
  signal: AbortSignal,
  tuning: Partial<GraphTuning>,
): Promise<PlanningResult> {
  const about = { restore_id: restoreId, job_id: jobId };
  const work = await beginPlanning(restorerActor, tenantId, about);
  if (!work) return { kind: "released" };
  const reading = await readLive(tenantId, restoreId, jobId, work.types, signal, tuning);
  if (reading.kind === "try_again") return reading;
  if (reading.kind === "no_set" || work.connection instanceof GraphError) {
    const fault = reading.kind === "no_set" ? reading : null;
    await failPlanning(restorerActor, tenantId, {
      ...about,
      error_code: fault?.error_code ?? "LIVE_STATE_UNREAD",
      error_message: fault?.error_message ?? "What is live could not be read.",
    });
    return { kind: "failed" };
  }
  const client = createGraphClient(work.connection, { signal, tuning });
  const directory = await lookUpInDirectory(client, work.refs, work.source);
  const offers = await lookUpOffers(client, work.offers);
  signal.throwIfAborted();
  const { cloud, entraTenantId: entra_tenant_id } = work.connection;
  const done = await finishPlanning(restorerActor, tenantId, {
    ...about,
    set_id: reading.set_id,
    directory,
    offers,
    planned_for: { cloud, entra_tenant_id },
  });
  if (done !== "moved") return { kind: done };
  await failPlanning(restorerActor, tenantId, {
    ...about,
    error_code: "ENTRA_TENANT_CHANGED",
    error_message:
      "The connection was changed to another Entra tenant while what is live was read. Plan again.",
  });
  return { kind: "failed" };
}
