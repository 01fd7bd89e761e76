import { z } from "zod";
import { definitionsActor } from "#lib/access/actor";
import { connectionOrFaultView, readConnection } from "#lib/connection/store";
import { createGraphClient, type GraphClient, type GraphTuning } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import { defaultRetryPolicy } from "#lib/graph/retry";
import { enqueue } from "#lib/jobs/enqueue";
import { learnDefinitionsJob } from "#lib/jobs/learn-definitions";
import { operation } from "#lib/operation";
import { provenDocument, storedDocumentView } from "#lib/sets/snapshot-codec";
import {
  type DefinitionSource,
  definitionSources,
  settingIdsIn,
  typesWithDefinitions,
} from "#lib/words/setting-ids";
import {
  readCategories,
  readDefinitions,
  type StoredCategory,
  type StoredDefinition,
} from "./read-definitions.ts";

/** How long one job may take, in milliseconds. */
const timeLimitMs = 120_000;
/** Definitions that one job asks for at most: a hundred requests of twenty. What is left, the next one does. */
const mostAtOnce = 2_000;
/** Snapshots that are in memory at once. */
const pageSize = 100;
/** A definition that was fetched so long ago is asked for again, when a new snapshot names it. */
const staleDays = 30;

/** Names are worth little: when Graph is busy, backups go first, and the job comes back later. */
const patience = { ...defaultRetryPolicy, throttleRetries: 2, throttleTotalMs: 60_000, outageRetries: 2 };

/** What the queue has to do with the job. */
export type LearnResult =
  | { kind: "learned"; definitions: number; categories: number }
  /** Nothing is new, or there is no connection that works. */
  | { kind: "nothing_to_do" }
  /** Microsoft does not let the connection read definitions. */
  | { kind: "not_permitted" }
  | { kind: "try_again"; reason: string };

const instant = z.date();
const placeView = z.strictObject({ created_at: instant, sha256: z.string() });
type Place = z.infer<typeof placeView>;

/** Where to go on, and with which connection; null where the tenant has none. */
const beginLearning = operation({
  name: "definitions.begin",
  permission: "definitions:learn",
  effect: "read",
  input: z.strictObject({}),
  output: z.strictObject({ connection: connectionOrFaultView, looked_until: instant.nullable() }),
  async run({ db, tenant }) {
    const look = await db.definitionLook.findFirst({ select: { looked_until: true } });
    const connection = await readConnection(db, tenant.id).catch((error) => {
      if (error instanceof GraphError) return error;
      throw error;
    });
    return { connection, looked_until: look?.looked_until ?? null };
  },
});

const snapshotView = z.strictObject({
  ...storedDocumentView.shape,
  created_at: instant,
  policy_type: z.string(),
});

/** The next snapshots with settings, oldest first. */
const nextSnapshots = operation({
  name: "definitions.next_snapshots",
  permission: "definitions:learn",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({ after: placeView }),
  output: z.array(snapshotView),
  async run({ db }, { after }) {
    const types = Object.keys(typesWithDefinitions);
    return db.$queryRaw<z.infer<typeof snapshotView>[]>`
      SELECT s.sha256, s.encoding, s.content, s.created_at,
             (SELECT r.policy_type FROM item_ranges r WHERE r.sha256 = s.sha256 AND r.policy_type = ANY(${types}::text[]) LIMIT 1)
               AS policy_type
      FROM snapshots s
      WHERE (s.created_at, s.sha256) > (${after.created_at}::timestamptz, ${after.sha256}::bpchar)
        AND EXISTS (SELECT FROM item_ranges r WHERE r.sha256 = s.sha256 AND r.policy_type = ANY(${types}::text[]))
      ORDER BY s.created_at, s.sha256 LIMIT ${pageSize}`;
  },
});

/** Which of some settings or categories have to be asked for. */
const unknownAmong = operation({
  name: "definitions.unknown",
  permission: "definitions:learn",
  effect: "read",
  input: z.strictObject({ settings: z.array(z.string()), categories: z.array(z.string()) }),
  output: z.strictObject({ settings: z.array(z.string()), categories: z.array(z.string()) }),
  async run({ db }, { settings, categories }) {
    const unknown = await db.$queryRaw<{ id: string; is_setting: boolean }[]>`
      SELECT id, true AS is_setting FROM unnest(${settings}::text[]) AS wanted(id)
      WHERE NOT EXISTS (SELECT FROM setting_definitions d WHERE d.id = wanted.id AND d.fetched_at > now() - make_interval(days => ${staleDays}))
      UNION ALL
      SELECT id, false FROM unnest(${categories}::text[]) AS wanted(id)
      WHERE NOT EXISTS (SELECT FROM setting_categories c WHERE c.id = wanted.id AND c.fetched_at > now() - make_interval(days => ${staleDays}))`;
    const ids = (of: boolean) => unknown.filter(({ is_setting }) => is_setting === of).map(({ id }) => id);
    return { settings: ids(true), categories: ids(false) };
  },
});

/** Stores what Microsoft answered; the newest answer counts. A name that was known is not taken back. */
const store = operation({
  name: "definitions.store",
  permission: "definitions:learn",
  effect: "quiet",
  input: z.strictObject({
    definitions: z.custom<StoredDefinition[]>(),
    categories: z.custom<StoredCategory[]>(),
  }),
  output: z.strictObject({}),
  async run({ db }, { definitions, categories }) {
    if (definitions.length > 0) {
      await db.$executeRaw`
        INSERT INTO setting_definitions (id, version, name, description, category_id, csp_path, options)
        SELECT id, version, name, description, category_id, csp_path, options
        FROM jsonb_to_recordset(${JSON.stringify(definitions)}::jsonb)
          AS d(id text, version text, name text, description text, category_id text, csp_path text, options jsonb)
        ORDER BY id
        ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name, description = excluded.description,
          category_id = excluded.category_id, csp_path = excluded.csp_path, options = excluded.options, fetched_at = now()
        WHERE excluded.name IS NOT NULL OR setting_definitions.name IS NULL`;
    }
    if (categories.length > 0) {
      await db.$executeRaw`
        INSERT INTO setting_categories (id, name, parent_id)
        SELECT id, name, parent_id FROM jsonb_to_recordset(${JSON.stringify(categories)}::jsonb)
          AS c(id text, name text, parent_id text)
        ORDER BY id
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, parent_id = excluded.parent_id, fetched_at = now()
        WHERE excluded.name IS NOT NULL OR setting_categories.name IS NULL`;
    }
    return {};
  },
});

/** Notes how far the tenant's snapshots are looked through, and has the next job go on where something is left. */
const noteLook = operation({
  name: "definitions.note",
  permission: "definitions:learn",
  effect: "quiet",
  input: z.strictObject({ looked_until: instant.nullable(), is_complete: z.boolean(), goes_on: z.boolean() }),
  output: z.strictObject({}),
  async run({ db, tenant }, { looked_until, is_complete, goes_on }) {
    await db.definitionLook.upsert({
      where: { tenant_id: tenant.id },
      create: { tenant_id: tenant.id, looked_until, is_complete },
      update: { looked_until, is_complete },
    });
    if (goes_on) {
      await enqueue(db, learnDefinitionsJob, [
        { data: { tenant_id: tenant.id }, tenantId: tenant.id, startAfterSeconds: 30 },
      ]);
    }
    return {};
  },
});

/**
 * Learns from Microsoft what the settings in the tenant's snapshots are called, those of which nobody has asked yet. What
 * one tenant has learned, all know. Nothing depends on it: whatever goes wrong here stays here, and is asked again after
 * the next set. No request to Microsoft happens inside a transaction.
 * @param tuning how patient the Graph client is; production uses its defaults
 */
export async function learnDefinitions(
  tenantId: number,
  signal: AbortSignal,
  tuning: Partial<GraphTuning> = {},
): Promise<LearnResult> {
  const { connection, looked_until } = await beginLearning(definitionsActor, tenantId, {});
  // A connection that does not work is reported by runs and by its test.
  if (connection instanceof GraphError) return { kind: "nothing_to_do" };
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeLimitMs)]);
  const client = createGraphClient(connection, { signal: limited, tuning: { retry: patience, ...tuning } });
  const learning: Learning = { client, tenantId, asked: 0, definitions: 0, categories: 0 };
  let until = looked_until;
  const leave = (is_complete: boolean, goes_on: boolean) =>
    noteLook(definitionsActor, tenantId, { looked_until: until, is_complete, goes_on });
  try {
    let after: Place = { created_at: overlap(looked_until), sha256: "" };
    for (;;) {
      const page = await nextSnapshots(definitionsActor, tenantId, { after });
      const ids = await idsOf(page);
      if (!(await learnPage(learning, ids))) {
        await leave(false, true);
        break;
      }
      const last = page.at(-1);
      if (last) until = last.created_at;
      if (!last || page.length < pageSize) {
        await leave(true, false);
        break;
      }
      after = { created_at: last.created_at, sha256: last.sha256 };
    }
  } catch (error) {
    if (!limited.aborted && !(error instanceof GraphError)) throw error;
    await leave(false, false);
    if (limited.aborted) return { kind: "try_again", reason: "Learning definitions was stopped" };
    const refused = error as GraphError;
    return refused.retryable ? { kind: "try_again", reason: refused.message } : { kind: "not_permitted" };
  }
  const { definitions, categories } = learning;
  return definitions + categories === 0
    ? { kind: "nothing_to_do" }
    : { kind: "learned", definitions, categories };
}

/** A snapshot is seen only once its run has ended: what was written an hour before the last look is looked at again. */
function overlap(lookedUntil: Date | null): Date {
  return lookedUntil ? new Date(lookedUntil.getTime() - 3_600_000) : new Date(0);
}

interface Learning {
  client: GraphClient;
  tenantId: number;
  /** Definitions asked for so far. */
  asked: number;
  definitions: number;
  categories: number;
}

type IdsBySource = ReadonlyMap<DefinitionSource, ReadonlySet<string>>;

async function idsOf(page: readonly z.infer<typeof snapshotView>[]): Promise<IdsBySource> {
  const ids = new Map<DefinitionSource, Set<string>>();
  for (const { policy_type, ...snapshot } of page) {
    const source = typesWithDefinitions[policy_type];
    // A damaged snapshot is told of elsewhere.
    const document = source && (await provenDocument(snapshot));
    if (!source || !document) continue;
    const found = ids.get(source) ?? new Set();
    ids.set(source, found);
    for (const id of settingIdsIn(JSON.parse(Buffer.from(document).toString("utf8")))) found.add(id);
  }
  return ids;
}

/** @returns false when there is more than one job may ask for */
async function learnPage(learning: Learning, ids: IdsBySource): Promise<boolean> {
  const { client, tenantId } = learning;
  const unknownOf = (settings: string[], categories: string[]) =>
    unknownAmong(definitionsActor, tenantId, { settings, categories });
  for (const source of definitionSources) {
    const { settings } = await unknownOf([...(ids.get(source) ?? [])], []);
    const room = settings.slice(0, mostAtOnce - learning.asked);
    learning.asked += room.length;
    const definitions = await readDefinitions(client, source, room);
    await store(definitionsActor, tenantId, { definitions, categories: [] });
    learning.definitions += definitions.length;
    let wanted = definitions.flatMap(({ category_id }) => category_id ?? []);
    // A path is some five categories long.
    for (let depth = 0; depth < 10 && wanted.length > 0; depth += 1) {
      const unknown = await unknownOf([], [...new Set(wanted)]);
      const categories = await readCategories(client, source, unknown.categories);
      await store(definitionsActor, tenantId, { definitions: [], categories });
      learning.categories += categories.length;
      wanted = categories.flatMap(({ parent_id }) => parent_id ?? []);
    }
    if (room.length < settings.length) return false;
  }
  return true;
}
