import { createHash } from "node:crypto";
import serialize from "canonicalize";
import { z } from "zod";
import { executorActor } from "#lib/access/actor";
import type { TypeSummary } from "#lib/capture/summary";
import { createGraphClient, type GraphTuning } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import { defaultRetryPolicy } from "#lib/graph/retry";
import { idSchema } from "#lib/ids";
import { namesSeconds } from "#lib/limits";
import { log } from "#lib/log";
import type { References } from "#lib/names/collect";
import { type NameKind, type Names, type NamesDocument, nameKinds } from "#lib/names/names";
import { type Resolved, resolveNames } from "#lib/names/resolve";
import { operation } from "#lib/operation";
import { itemsOfAttempt } from "#lib/sets/ranges";
import { encodeSnapshot, type StoredSnapshot } from "#lib/sets/snapshot-codec";
import type { Attempt } from "./begin-attempt.ts";

const defaultTimeLimitMs = namesSeconds * 1_000;

/** Names are worth little beside the backup: when Graph is busy, they are left out. */
const patience = { ...defaultRetryPolicy, throttleRetries: 2, throttleTotalMs: 20_000, outageRetries: 2 };

/** Foundations whose whole list a run captures: what is not in it does not exist. Apps are captured in part only. */
const listedWhole: readonly NameKind[] = [
  "assignmentFilter",
  "roleScopeTag",
  "namedLocation",
  "notificationMessageTemplate",
];

/** What an attempt's items refer to, and what of it the attempt has captured itself. */
const attemptReferences = operation({
  name: "run.references",
  permission: "run:execute",
  effect: "read",
  timeoutMs: 60_000,
  input: z.strictObject({ run_id: idSchema, attempt: z.int() }),
  output: z.array(z.strictObject({ kind: z.string(), id: z.string(), name: z.string().nullable() })),
  async run({ db }, { run_id, attempt }) {
    return db.$queryRaw<{ kind: string; id: string; name: string | null }[]>`
      WITH found AS (
        SELECT policy_type, lower(graph_id) AS id, display_name FROM (${itemsOfAttempt(run_id, attempt)}) i
      ), refs AS (
        SELECT refs FROM staged_items WHERE run_id = ${run_id} AND attempt = ${attempt}
        UNION ALL
        -- Also of earlier attempts: a batch says only what no batch before it said.
        SELECT refs FROM staged_seen WHERE run_id = ${run_id}
      ), referred AS (
        SELECT DISTINCT of.kind, one.id
        FROM refs, jsonb_each(refs) AS of(kind, ids), jsonb_array_elements_text(of.ids) AS one(id)
      )
      SELECT r.kind, r.id, min(s.display_name) AS name
      FROM referred r LEFT JOIN found s ON s.id = r.id AND (s.policy_type = r.kind OR r.kind = 'policy'
        OR (r.kind = 'directoryRole' AND s.policy_type = 'entraRoleDefinition'))
      GROUP BY r.kind, r.id ORDER BY r.kind, r.id`;
  },
});

/**
 * Finds out what the ids in an attempt's items stand for: from the items themselves, the rest from Graph. Names are an
 * extra: whatever goes wrong leaves ids without one, and the run as it was.
 * @param types what became of each type: of what was captured whole, Graph is not asked again
 * @param signal aborts with the run
 * @returns the names as they are stored, a snapshot; null when the items refer to nothing
 * @throws the signal's reason when aborted
 */
export async function nameReferences(
  attempt: Attempt,
  types: Readonly<Record<string, TypeSummary>>,
  signal: AbortSignal,
  tuning: Partial<GraphTuning> = {},
  timeLimitMs = defaultTimeLimitMs,
): Promise<StoredSnapshot | null> {
  try {
    const { run_id } = attempt;
    const rows = await attemptReferences(executorActor, attempt.tenant_id, {
      run_id,
      attempt: attempt.attempt,
    });
    if (rows.length === 0) return null;
    const { names, open } = namesFromSet(rows, types);
    const asked = await askGraph(attempt, open, signal, tuning, timeLimitMs);
    signal.throwIfAborted();
    return await encoded(merged(names, asked));
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ err: error, run_id: attempt.run_id }, "the names of a run's ids were not found out");
    return null;
  }
}

/** The names that the set gives itself, and what is left to be asked for. */
function namesFromSet(
  rows: readonly { kind: string; id: string; name: string | null }[],
  types: Readonly<Record<string, TypeSummary>>,
): { names: Names; open: References } {
  const names: Names = {};
  const open: References = {};
  const whole = new Set(listedWhole.filter((kind) => isWhole(types[kind])));
  for (const { kind, id, name } of rows) {
    if (!isNameKind(kind)) continue;
    if (name !== null || whole.has(kind)) {
      const known = names[kind] ?? {};
      known[id] = { name };
      names[kind] = known;
    } else {
      const ids = open[kind] ?? [];
      ids.push(id);
      open[kind] = ids;
    }
  }
  return { names, open };
}

function isNameKind(kind: string): kind is NameKind {
  return (nameKinds as readonly string[]).includes(kind);
}

function isWhole(type: TypeSummary | undefined): boolean {
  return type !== undefined && !type.skipped && type.listed && type.failed === 0 && type.missing.length === 0;
}

/** Signs in anew and asks with little patience, so that nothing of it outlives the time limit. */
async function askGraph(
  { connection }: Attempt,
  open: References,
  signal: AbortSignal,
  tuning: Partial<GraphTuning>,
  timeLimitMs: number,
): Promise<Resolved> {
  if (connection instanceof GraphError || Object.keys(open).length === 0)
    return { names: {}, unresolved: {} };
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeLimitMs)]);
  const client = createGraphClient(connection, {
    signal: limited,
    tuning: { retry: patience, requestTimeoutMs: 20_000, ...tuning },
  });
  return resolveNames(client, open);
}

function merged(own: Names, { names, unresolved }: Resolved): NamesDocument {
  const all: Names = {};
  for (const kind of nameKinds) {
    const known = { ...own[kind], ...names[kind] };
    if (Object.keys(known).length > 0) all[kind] = known;
  }
  return { format: "tenantpilot-names", version: 1, names: all, unresolved };
}

async function encoded(document: NamesDocument): Promise<StoredSnapshot> {
  const bytes = new TextEncoder().encode(serialize(document));
  const { encoding, content } = await encodeSnapshot(bytes);
  return {
    sha256: createHash("sha256").update(bytes).digest("hex"),
    encoding,
    content,
    bytes_logical: bytes.byteLength,
    bytes_stored: content.byteLength,
  };
}
