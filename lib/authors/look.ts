import { z } from "zod";
import { changeAuthorsActor } from "#lib/access/actor";
import { connectionOrFaultView, readConnectionOrFault } from "#lib/connection/store";
import type { Tx } from "#lib/db/transaction";
import { type AuditLog, auditLogPermissions, auditLogs, readAuditLog } from "#lib/graph/audit-events";
import type { AuditEvent } from "#lib/graph/audit-events-shape";
import { createGraphClient, type GraphClient, type GraphTuning } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import { defaultRetryPolicy } from "#lib/graph/retry";
import { idSchema } from "#lib/ids";
import { changeAuthorsJob } from "#lib/jobs/change-authors";
import { enqueue } from "#lib/jobs/enqueue";
import { secondLookMinutes } from "#lib/limits";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { findType } from "#lib/policies/catalog";
import { id } from "#lib/view-fields";
import { changesOfSet, timesBefore } from "./change-authors.ts";
import type { AuditLogState } from "./schema.ts";
import { tellAuthors } from "./tell.ts";

/** How long one look may take, in milliseconds. */
const timeLimitMs = 120_000;

/** Who changed what is worth little: when Graph is busy, others go first, and the job comes back later. */
const patience = { ...defaultRetryPolicy, throttleRetries: 2, throttleTotalMs: 60_000, outageRetries: 2 };

/** What the queue has to do with the job. */
export type LookResult =
  /** `recorded`: events that were new. */
  | { kind: "looked"; logs: Partial<Record<AuditLog, AuditLogState>>; recorded: number }
  /** Nothing changed, there is nothing to compare with, or the set or its connection is gone. */
  | { kind: "nothing_to_do" }
  | { kind: "try_again"; reason: string };

const assignmentView = z.strictObject({
  connection: connectionOrFaultView,
  logs: z
    .array(z.enum(auditLogs))
    .meta({ description: "Audit logs that the changed policies' services write" }),
  window: z.strictObject({ from: z.date(), to: z.date() }).meta({
    description: "From when the first of the older sets' runs began to read until the newer set was written",
  }),
  older_set_ids: z
    .array(id)
    .meta({ description: "The one before, and those in which what it lacks was last seen" }),
});
type Assignment = z.infer<typeof assignmentView>;

/** What to ask Microsoft about a set's changes; null when there are none. */
const beginLook = operation({
  name: "authors.begin",
  permission: "authors:record",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({ set_id: idSchema }),
  output: assignmentView.nullable(),
  async run({ db, tenant }, { set_id }) {
    const set = await db.backupSet.findFirst({
      where: { id: set_id },
      select: { id: true, backup_schedule_id: true, created_at: true },
    });
    const older = set && (await timesBefore(db, set));
    if (!older) return null;
    const changes = await changesOfSet(db, older, set_id);
    if (changes.length === 0) return null;
    const logs = changes.flatMap(({ policies }) => policies.map(({ policy_type }) => logOf(policy_type)));
    const from = new Date(Math.min(...changes.map(({ since }) => since.began_at.getTime())));
    return {
      connection: await readConnectionOrFault(db, tenant.id),
      logs: [...new Set(logs)],
      window: { from, to: set.created_at },
      older_set_ids: [...new Set([older.id, ...changes.map(({ since }) => since.id)])],
    };
  },
});

/** The log in which changes of a policy type appear. */
function logOf(policyType: string): AuditLog {
  return /^device(App)?Management\//.test(findType(policyType)?.path ?? "") ? "intune" : "entra";
}

interface Finding {
  state: AuditLogState;
  events: AuditEvent[];
}

/**
 * Stores what was found, of policies that one of the sets has. An event that is stored already stays as it is, so
 * looking twice, at once or after a crash, changes nothing. The first look of a set brings about the second.
 */
const recordLook = operation({
  name: "authors.record",
  permission: "authors:record",
  effect: "quiet",
  timeoutMs: 60_000,
  input: z.strictObject({
    set_id: idSchema,
    older_set_ids: z.array(idSchema),
    findings: z.custom<Partial<Record<AuditLog, Finding>>>(),
  }),
  output: z.strictObject({ recorded: z.int() }),
  async run({ db, tenant }, { set_id, older_set_ids, findings }) {
    // The set may have been purged since; and its row holds off two looks that end at once.
    const held = await db.$queryRaw<{ id: number }[]>`
      SELECT id FROM backup_sets WHERE id = ${set_id} FOR NO KEY UPDATE`;
    if (held.length === 0) return { recorded: 0 };
    let recorded = 0;
    for (const [log, finding] of Object.entries(findings) as [AuditLog, Finding][]) {
      recorded += await storeEvents(db, tenant.id, log, finding.events, [...older_set_ids, set_id]);
    }
    const states = Object.entries(findings).map(([log, { state }]) => [log, state]);
    const sources = JSON.stringify(Object.fromEntries(states));
    // A later look that fails does not take back what an earlier one has read.
    const answered = JSON.stringify(Object.fromEntries(states.filter(([, state]) => state !== "failed")));
    const [look] = await db.$queryRaw<{ is_first: boolean }[]>`
      INSERT INTO policy_change_looks (tenant_id, backup_set_id, looked_at, sources)
      VALUES (${tenant.id}, ${set_id}, now(), ${sources}::jsonb)
      ON CONFLICT (tenant_id, backup_set_id)
        DO UPDATE SET looked_at = now(), sources = policy_change_looks.sources || ${answered}::jsonb
      RETURNING xmax = 0 AS is_first`;
    const promising = Object.values(findings).some(({ state }) => state !== "not_permitted");
    if (look?.is_first && promising) {
      await enqueue(db, changeAuthorsJob, [
        {
          data: { tenant_id: tenant.id, backup_set_id: set_id },
          tenantId: tenant.id,
          startAfterSeconds: secondLookMinutes * 60,
        },
      ]);
    }
    if (look?.is_first) await tellAuthors(db, tenant.id, set_id);
    if (recorded > 0) await notifyLive(db, [{ tenant_id: tenant.id, topic: "set", id: set_id }]);
    return { recorded };
  },
});

async function storeEvents(
  db: Tx,
  tenantId: number,
  log: AuditLog,
  events: readonly AuditEvent[],
  setIds: readonly number[],
): Promise<number> {
  if (events.length === 0) return 0;
  const policies = await policiesOf(db, log, events, setIds);
  const rows = events.flatMap(({ id, targets, single, operation, activity, actor, at }) => {
    const keys = [...targets.map(idKey), ...(single === null ? [] : [singleKey(single)])];
    const graphIds = new Set(keys.flatMap((key) => policies.get(key) ?? []));
    return [...graphIds].map((graph_id) => ({
      event_id: id,
      graph_id,
      occurred_at: at.toISOString(),
      activity,
      operation,
      actor_kind: actor.kind,
      actor_name: actor.name,
    }));
  });
  if (rows.length === 0) return 0;
  return db.$executeRaw`
    INSERT INTO policy_changes (tenant_id, source, event_id, graph_id, occurred_at, activity, operation, actor_kind, actor_name)
    SELECT ${tenantId}, ${log}, event_id, graph_id, occurred_at, activity, operation, actor_kind, actor_name
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS e(event_id text, graph_id text, occurred_at timestamptz,
      activity text, operation text, actor_kind text, actor_name text)
    ON CONFLICT DO NOTHING`;
}

/**
 * The Graph ids of the sets' policies that the events speak of, by key. Logs write ids in other letter case than Graph's
 * objects, and without the letter before the ids of app protection policies (`T_…`).
 */
async function policiesOf(
  db: Tx,
  log: AuditLog,
  events: readonly AuditEvent[],
  setIds: readonly number[],
): Promise<Map<string, string[]>> {
  const keys = [...new Set(events.flatMap((event) => event.targets.map(idKey)))];
  const singles = [...new Set(events.flatMap((event) => event.single ?? []))];
  const found = await db.$queryRaw<{ policy_type: string; graph_id: string }[]>`
    SELECT DISTINCT policy_type, graph_id FROM backup_items
    WHERE backup_set_id = ANY(${[...setIds]}::int[])
      AND (lower(regexp_replace(graph_id, '^[A-Z]_', '')) = ANY(${keys}::text[]) OR policy_type = ANY(${singles}::text[]))`;
  const policies = new Map<string, string[]>();
  const add = (key: string, graphId: string) => policies.set(key, [...(policies.get(key) ?? []), graphId]);
  for (const { policy_type, graph_id } of found) {
    if (logOf(policy_type) !== log) continue;
    add(idKey(graph_id), graph_id);
    if (singles.includes(policy_type)) add(singleKey(policy_type), graph_id);
  }
  return policies;
}

function idKey(id: string): string {
  return id.replace(/^[A-Z]_/, "").toLowerCase();
}

/** No id: they have no blank. */
function singleKey(policyType: string): string {
  return `single ${policyType}`;
}

/**
 * Asks Microsoft's audit logs who made a set's changes, as far as the connection is permitted to, and stores the answer.
 * Nothing depends on it: the set and its run have ended before, and whatever goes wrong here stays here. No
 * request to Microsoft happens inside a transaction.
 * @param tuning how patient the Graph client is; production uses its defaults
 */
export async function lookForChangeAuthors(
  tenantId: number,
  setId: number,
  signal: AbortSignal,
  tuning: Partial<GraphTuning> = {},
): Promise<LookResult> {
  const assignment = await beginLook(changeAuthorsActor, tenantId, { set_id: setId });
  // A connection that does not work is reported by runs and by its test.
  if (!assignment || assignment.connection instanceof GraphError) return { kind: "nothing_to_do" };
  const { connection, logs, window, older_set_ids } = assignment;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeLimitMs)]);
  const client = createGraphClient(connection, { signal: limited, tuning: { retry: patience, ...tuning } });
  const findings: Partial<Record<AuditLog, Finding>> = {};
  let unanswered: GraphError | null = null;
  try {
    const permissions = auditLogPermissions(await client.roles());
    for (const log of logs) {
      const granted = permissions.some((permission) => permission.log === log && permission.granted);
      const { finding, error } = granted ? await look(client, log, window) : notPermitted;
      findings[log] = finding;
      if (error?.retryable) unanswered = error;
    }
  } catch (error) {
    if (limited.aborted) return { kind: "try_again", reason: "Looking for authors was stopped" };
    if (!(error instanceof GraphError)) throw error;
    // Signing in failed: there is nothing to record.
    return error.retryable ? { kind: "try_again", reason: error.message } : { kind: "nothing_to_do" };
  }
  const { recorded } = await recordLook(changeAuthorsActor, tenantId, {
    set_id: setId,
    older_set_ids,
    findings,
  });
  if (unanswered) return { kind: "try_again", reason: unanswered.message };
  const states = Object.entries(findings).map(([log, { state }]) => [log, state]);
  return { kind: "looked", logs: Object.fromEntries(states), recorded };
}

const notPermitted: { finding: Finding; error: null } = {
  finding: { state: "not_permitted", events: [] },
  error: null,
};

async function look(
  client: GraphClient,
  log: AuditLog,
  window: Assignment["window"],
): Promise<{ finding: Finding; error: GraphError | null }> {
  const { events, cut, error } = await readAuditLog(client, log, window);
  return { finding: { state: error ? stateAfter(error) : cut ? "read_in_part" : "read", events }, error };
}

/** Without the license that a log needs, Microsoft answers 403, or that there is no such log. */
function stateAfter(error: GraphError): AuditLogState {
  const refused = ["PERMISSION_MISSING", "LICENSE_MISSING"].includes(error.code) || error.status === 404;
  return refused ? "not_permitted" : "failed";
}
