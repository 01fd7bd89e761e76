import { z } from "zod";
import { definitionsActor } from "#lib/access/actor";
import { connectionOrFaultView, readConnectionOrFault } from "#lib/connection/store";
import { Prisma } from "#lib/db/generated/client";
import { createGraphClient, type GraphClient, type GraphTuning } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import { defaultRetryPolicy } from "#lib/graph/retry";
import { enqueue } from "#lib/jobs/enqueue";
import { learnDefinitionsJob } from "#lib/jobs/learn-definitions";
import { operation } from "#lib/operation";
import { provenJson, storedDocumentView } from "#lib/sets/snapshot-codec";
import {
  type DefinitionSource,
  definitionSources,
  intentSettingsIn,
  intentType,
  settingIdsIn,
  templateIdIn,
  typesWithDefinitions,
} from "#lib/words/setting-ids";
import { lookAnewDays } from "./look-anew.ts";
import {
  type Answers,
  probe,
  readCategories,
  readDefinitions,
  readIntentDefinitions,
  readTemplates,
  type StoredCategory,
  type StoredDefinition,
  type StoredTemplate,
} from "./read-definitions.ts";

/** How long one job may take, in milliseconds. */
const timeLimitMs = 120_000;
/** Definitions that one job asks for at most: a hundred requests of twenty. What is left, the next one does. */
const mostAtOnce = 2_000;
/** Of these, so many are asked for before what came is stored. */
const mostTogether = 200;
/** A source that refuses so many at once is asked for nothing more by the job. */
const refusesAll = 20;
/** Snapshots that are in memory at once. */
const pageSize = 100;
/** What was fetched so long ago is asked for again, when a new snapshot names it. */
const staleDays = 30;
/** The same of what Microsoft did not know: it may be new, or not have been permitted. */
const staleUnknownDays = 1;

/** Names are worth little: when Graph is busy, backups go first, and the job comes back later. */
const patience = { ...defaultRetryPolicy, throttleRetries: 2, throttleTotalMs: 60_000, outageRetries: 2 };

/** What the queue has to do with the job. */
export type LearnResult =
  /** @param passed_over what Graph failed on, or does not let the connection read, while it answered otherwise */
  | { kind: "learned"; definitions: number; categories: number; passed_over: number }
  /** Nothing is new, or there is no connection that works. */
  | { kind: "nothing_to_do" }
  /** Microsoft does not let the connection read any definitions. */
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
    const connection = await readConnectionOrFault(db, tenant.id);
    if (connection instanceof GraphError) return { connection, looked_until: null };
    const [look] = await db.$queryRaw<{ looked_until: Date | null }[]>`
      SELECT looked_until FROM definition_looks
      WHERE cloud = ${connection.cloud} AND begun_at > now() - make_interval(days => ${lookAnewDays})`;
    return { connection, looked_until: look?.looked_until ?? null };
  },
});

const snapshotView = z.strictObject({
  ...storedDocumentView.shape,
  created_at: instant,
  policy_type: z.string(),
});

/**
 * The next snapshots with settings, oldest first; null while the tenant is being backed up, or waits for it: both would ask Graph within
 * the same limits, and names can wait.
 */
const nextSnapshots = operation({
  name: "definitions.next_snapshots",
  permission: "definitions:learn",
  effect: "read",
  timeoutMs: 30_000,
  input: z.strictObject({ after: placeView }),
  output: z.array(snapshotView).nullable(),
  async run({ db }, { after }) {
    if (await db.backupScheduleRun.findFirst({ where: { status: "running" }, select: { id: true } }))
      return null;
    const types = [...Object.keys(typesWithDefinitions), intentType];
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

const wantedView = z.strictObject({
  settings: z.array(z.string()),
  categories: z.array(z.string()),
  templates: z.array(z.string()),
});
type Wanted = z.infer<typeof wantedView>;

/** Which of some settings, categories or templates a cloud has to be asked for. */
const unknownAmong = operation({
  name: "definitions.unknown",
  permission: "definitions:learn",
  effect: "read",
  input: z.strictObject({ cloud: z.string(), wanted: wantedView }),
  output: wantedView,
  async run({ db }, { cloud, wanted }) {
    const isFresh = (isKnown: Prisma.Sql) => Prisma.sql`
      k.cloud = ${cloud} AND k.id = wanted.id
        AND k.fetched_at > now() - make_interval(days => CASE WHEN ${isKnown} THEN ${staleDays}::int ELSE ${staleUnknownDays}::int END)`;
    const isNamed = isFresh(Prisma.sql`k.name IS NOT NULL`);
    const rows = await db.$queryRaw<{ id: string; kind: keyof Wanted }[]>`
      SELECT id, 'settings' AS kind FROM unnest(${wanted.settings}::text[]) AS wanted(id)
      WHERE NOT EXISTS (SELECT FROM setting_definitions k WHERE ${isNamed})
      UNION ALL
      SELECT id, 'categories' FROM unnest(${wanted.categories}::text[]) AS wanted(id)
      WHERE NOT EXISTS (SELECT FROM setting_categories k WHERE ${isNamed})
      UNION ALL
      SELECT id, 'templates' FROM unnest(${wanted.templates}::text[]) AS wanted(id)
      WHERE NOT EXISTS (SELECT FROM setting_templates k WHERE ${isFresh(Prisma.sql`k.setting_ids <> '{}'`)})`;
    const ids = (of: keyof Wanted) => rows.filter(({ kind }) => kind === of).map(({ id }) => id);
    return { settings: ids("settings"), categories: ids("categories"), templates: ids("templates") };
  },
});

/** Stores what a cloud answered; the newest answer counts. What was known is not taken back. */
const store = operation({
  name: "definitions.store",
  permission: "definitions:learn",
  effect: "quiet",
  input: z.strictObject({
    cloud: z.string(),
    definitions: z.custom<StoredDefinition[]>().default([]),
    categories: z.custom<StoredCategory[]>().default([]),
    templates: z.custom<StoredTemplate[]>().default([]),
  }),
  output: z.strictObject({}),
  async run({ db }, { cloud, definitions, categories, templates }) {
    // Each in the order of the ids: of two workers that store the same, one waits for the other.
    if (definitions.length > 0) {
      await db.$executeRaw`
        INSERT INTO setting_definitions AS k (cloud, id, version, name, description, category_id, csp_path, options)
        SELECT ${cloud}, id, version, name, description, category_id, csp_path, options
        FROM jsonb_to_recordset(${JSON.stringify(definitions)}::jsonb)
          AS d(id text, version text, name text, description text, category_id text, csp_path text, options jsonb)
        ORDER BY id
        ON CONFLICT (cloud, id) DO UPDATE SET fetched_at = now(), name = coalesce(excluded.name, k.name),
          version = CASE WHEN excluded.name IS NULL THEN k.version ELSE excluded.version END,
          description = CASE WHEN excluded.name IS NULL THEN k.description ELSE excluded.description END,
          category_id = CASE WHEN excluded.name IS NULL THEN k.category_id ELSE excluded.category_id END,
          csp_path = CASE WHEN excluded.name IS NULL THEN k.csp_path ELSE excluded.csp_path END,
          options = CASE WHEN excluded.name IS NULL THEN k.options ELSE excluded.options END`;
    }
    if (categories.length > 0) {
      await db.$executeRaw`
        INSERT INTO setting_categories AS k (cloud, id, name, parent_id)
        SELECT ${cloud}, id, name, parent_id FROM jsonb_to_recordset(${JSON.stringify(categories)}::jsonb)
          AS c(id text, name text, parent_id text)
        ORDER BY id
        ON CONFLICT (cloud, id) DO UPDATE SET name = coalesce(excluded.name, k.name), fetched_at = now(),
          parent_id = CASE WHEN excluded.name IS NULL THEN k.parent_id ELSE excluded.parent_id END`;
    }
    if (templates.length > 0) {
      await db.$executeRaw`
        INSERT INTO setting_templates AS k (cloud, id, setting_ids)
        SELECT ${cloud}, id, setting_ids FROM jsonb_to_recordset(${JSON.stringify(templates)}::jsonb)
          AS t(id text, setting_ids text[])
        ORDER BY id
        ON CONFLICT (cloud, id) DO UPDATE SET fetched_at = now(),
          setting_ids = CASE WHEN excluded.setting_ids = '{}' THEN k.setting_ids ELSE excluded.setting_ids END`;
    }
    return {};
  },
});

/** Notes how far the tenant's snapshots are looked through, and has the next job go on where something is left. */
const noteLook = operation({
  name: "definitions.note",
  permission: "definitions:learn",
  effect: "quiet",
  input: z.strictObject({
    cloud: z.string(),
    /** It began with the first snapshot. */
    is_anew: z.boolean(),
    looked_until: instant.nullable(),
    is_complete: z.boolean(),
    goes_on: z.boolean(),
  }),
  output: z.strictObject({}),
  async run({ db, tenant, now }, { is_anew, goes_on, ...look }) {
    const noted = { ...look, ...(is_anew && { begun_at: now }) };
    await db.definitionLook.upsert({
      where: { tenant_id: tenant.id },
      create: { tenant_id: tenant.id, ...noted },
      update: noted,
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
 * one tenant has learned, all know. Nothing depends on it: whatever goes wrong here stays here. A definition that Graph fails on
 * counts as unknown, and one that it refuses is passed over: both are asked for again when all is looked through again. When
 * nothing at all is answered, the look ends there, and goes on after the next set. No request to Microsoft happens inside a transaction.
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
  const newClient = () =>
    createGraphClient(connection, { signal: limited, tuning: { retry: patience, ...tuning } });
  const learning: Learning = {
    client: newClient(),
    newClient,
    tenantId,
    cloud: connection.cloud,
    asked: 0,
    definitions: 0,
    categories: 0,
    passedOver: 0,
    closed: new Set(),
  };
  let until = looked_until;
  const leave = (is_complete: boolean, goes_on: boolean) =>
    noteLook(definitionsActor, tenantId, {
      cloud: connection.cloud,
      is_anew: looked_until === null,
      looked_until: until,
      is_complete,
      goes_on,
    });
  try {
    let after: Place = { created_at: overlap(looked_until), sha256: "" };
    for (;;) {
      const page = await nextSnapshots(definitionsActor, tenantId, { after });
      if (page === null || !(await learnPage(learning, await namedIn(page)))) {
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
  const { definitions, categories, passedOver } = learning;
  return definitions + categories + passedOver === 0
    ? { kind: "nothing_to_do" }
    : { kind: "learned", definitions, categories, passed_over: passedOver };
}

/** A snapshot is seen only once its run has ended: what was written an hour before the last look is looked at again. */
function overlap(lookedUntil: Date | null): Date {
  return lookedUntil ? new Date(lookedUntil.getTime() - 3_600_000) : new Date(0);
}

interface Learning {
  client: GraphClient;
  newClient: () => GraphClient;
  tenantId: number;
  cloud: string;
  /** Definitions and templates asked for so far. */
  asked: number;
  definitions: number;
  categories: number;
  passedOver: number;
  /** What refuses everything, and is asked for nothing more. */
  closed: Set<string>;
}

/** What the documents of some snapshots name. */
interface Named {
  settings: Map<DefinitionSource, Set<string>>;
  /** Templates of the settings catalog. */
  templates: Set<string>;
  /** Settings of legacy templates, by template. */
  intents: Map<string, Set<string>>;
}

async function namedIn(page: readonly z.infer<typeof snapshotView>[]): Promise<Named> {
  const named: Named = { settings: new Map(), templates: new Set(), intents: new Map() };
  for (const { policy_type, ...snapshot } of page) {
    const document = await provenJson(snapshot);
    // A damaged snapshot is told of elsewhere.
    if (document === null) continue;
    const source = typesWithDefinitions[policy_type];
    if (source) {
      addTo(named.settings, source, settingIdsIn(document));
      const template = templateIdIn(document);
      if (template !== null) named.templates.add(template);
    } else {
      const { templateId, settingIds } = intentSettingsIn(document);
      if (templateId !== "") addTo(named.intents, templateId, settingIds);
    }
  }
  return named;
}

function addTo<K>(sets: Map<K, Set<string>>, key: K, ids: Iterable<string>): void {
  sets.set(key, new Set([...(sets.get(key) ?? []), ...ids]));
}

/** @returns false when there is more than one job may ask for */
async function learnPage(learning: Learning, { settings, templates, intents }: Named): Promise<boolean> {
  for (const source of definitionSources)
    if (!(await learnSettings(learning, source, [...(settings.get(source) ?? [])]))) return false;
  return (await learnTemplates(learning, [...templates])) && (await learnIntents(learning, intents));
}

function unknownOf({ tenantId, cloud }: Learning, wanted: Partial<Wanted>): Promise<Wanted> {
  const all = { settings: [], categories: [], templates: [], ...wanted };
  return unknownAmong(definitionsActor, tenantId, { cloud, wanted: all });
}

/** As many of some ids as the job may still ask for. */
function roomFor(learning: Learning, ids: readonly string[]): string[] {
  const room = ids.slice(0, mostAtOnce - learning.asked);
  learning.asked += room.length;
  return room;
}

/** Of what is stored, by the name under which `store` takes it. */
interface Stored {
  definitions: StoredDefinition;
  categories: StoredCategory;
  templates: StoredTemplate;
}

/**
 * Asks for some ids, part by part, and stores what came of each before the next, whatever became of others.
 * @param from which part of Graph they are of: one that refuses everything is asked for nothing more
 * @returns what Graph knows, or says that it does not
 * @throws GraphError when nothing at all can be read now
 */
async function readAndStore<K extends keyof Stored>(
  learning: Learning,
  from: string,
  as: K,
  ids: readonly string[],
  read: (part: readonly string[]) => Promise<Answers<Stored[K]>>,
): Promise<Stored[K][]> {
  const { tenantId, cloud, closed } = learning;
  const keep = async (some: Stored[K][]) => {
    if (some.length > 0) await store(definitionsActor, tenantId, { cloud, [as]: some });
  };
  const all: Stored[K][] = [];
  for (let at = 0; at < ids.length; at += mostTogether) {
    const part = ids.slice(at, at + mostTogether);
    if (closed.has(from)) {
      learning.passedOver += part.length;
      continue;
    }
    const { found, failed, refusals, end } = await read(part);
    await keep(found);
    all.push(...found);
    if (end) throw end.error;
    const isNone = found.length === 0 && failed.length + refusals.length > 0;
    if (isNone) {
      // A client that has met nothing but failures at an address asks there no more.
      learning.client = learning.newClient();
      await probe(learning.client, part);
    }
    await keep(failed);
    learning.passedOver += failed.length + refusals.length;
    if (isNone && failed.length === 0 && refusals.length >= refusesAll) closed.add(from);
  }
  return all;
}

async function learnSettings(
  learning: Learning,
  source: DefinitionSource,
  wanted: string[],
): Promise<boolean> {
  const { settings } = await unknownOf(learning, { settings: wanted });
  const room = roomFor(learning, settings);
  const definitions = await readAndStore(learning, `settings ${source}`, "definitions", room, (part) =>
    readDefinitions(learning.client, source, part),
  );
  learning.definitions += definitions.length;
  let above = definitions.flatMap(({ category_id }) => category_id ?? []);
  // A path is some five categories long.
  for (let depth = 0; depth < 10 && above.length > 0; depth += 1) {
    const unknown = await unknownOf(learning, { categories: [...new Set(above)] });
    const categories = await readAndStore(
      learning,
      `categories ${source}`,
      "categories",
      unknown.categories,
      (part) => readCategories(learning.client, source, part),
    );
    learning.categories += categories.length;
    above = categories.flatMap(({ parent_id }) => parent_id ?? []);
  }
  return room.length === settings.length;
}

async function learnTemplates(learning: Learning, wanted: string[]): Promise<boolean> {
  const { templates } = await unknownOf(learning, { templates: wanted });
  const room = roomFor(learning, templates);
  await readAndStore(learning, "templates", "templates", room, (part) =>
    readTemplates(learning.client, part),
  );
  return room.length === templates.length;
}

async function learnIntents(learning: Learning, wanted: Named["intents"]): Promise<boolean> {
  const unknown = new Set(
    (await unknownOf(learning, { settings: [...wanted.values()].flatMap((ids) => [...ids]) })).settings,
  );
  const lacking = new Map(
    [...wanted].flatMap(([templateId, ids]) => {
      const left = [...ids].filter((id) => unknown.has(id));
      return left.length > 0 ? [[templateId, left] as const] : [];
    }),
  );
  const room = roomFor(learning, [...lacking.keys()]);
  const definitions = await readAndStore(learning, "intents", "definitions", room, (part) =>
    readIntentDefinitions(
      learning.client,
      new Map(part.map((templateId) => [templateId, lacking.get(templateId) ?? []])),
    ),
  );
  learning.definitions += definitions.length;
  return room.length === lacking.size;
}
