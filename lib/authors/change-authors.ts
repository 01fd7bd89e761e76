import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { operation } from "#lib/operation";
import { caughtUpPolicies } from "#lib/sets/caught-up";
import { predecessorSql } from "#lib/sets/predecessor";
import { setNotFound } from "#lib/sets/sets";
import {
  type ChangeAuthor,
  type ChangeAuthorsReport,
  changeAuthorsSchema,
  changeAuthorsView,
} from "./schema.ts";

/** At most this many events of one policy are returned. */
const eventsPerPolicy = 5;
/** And at most this many of all policies together. */
const eventsAtMost = 5_000;

/**
 * Who changed what between two sets, as far as Microsoft's audit logs were permitted and asked (see
 * change-authors-look.ts). The older set's run began at the one end of the time that counts, the newer set was written
 * at the other: a policy can change while a run is under way, after the run has read it.
 * @throws AppError NOT_FOUND
 */
export const changeAuthorsReport = operation({
  name: "set.change_authors",
  permission: "set:view",
  effect: "read",
  timeoutMs: 15_000,
  input: changeAuthorsSchema,
  output: changeAuthorsView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-sets/{setId}/change-authors",
    operationId: "getChangeAuthors",
    summary: "Who changed what since another set, or the one before",
    description:
      "As far as the connection may read Microsoft's audit logs. Late events appear within the hour.",
    tag: "Backup sets",
    query: z.strictObject({
      with_set_id: changeAuthorsSchema.shape.with_set_id,
      graph_ids: z
        .string()
        .transform((text) => text.split(","))
        .pipe(changeAuthorsSchema.shape.graph_ids.unwrap())
        .optional()
        .meta({ description: "Comma-separated; all policies unless told" }),
    }),
    answer: "People and apps, per policy",
  },
  async run({ db, tenant }, { set_id, with_set_id, graph_ids }) {
    const one = await setTimes(db, set_id);
    if (!one) throw setNotFound();
    const other = with_set_id === undefined ? await timesBefore(db, one) : await setTimes(db, with_set_id);
    if (!other && with_set_id !== undefined) throw setNotFound();
    const look = await db.policyChangeLook.findFirst({ where: { backup_set_id: set_id } });
    return {
      authors: other ? await authorsBetween(db, tenant.id, one, other, graph_ids) : {},
      looked_at: look?.looked_at.toISOString() ?? null,
      logs: (look?.sources ?? {}) as ChangeAuthorsReport["logs"],
    };
  },
});

/**
 * The authors of `changeAuthorsReport` alone, per Graph id, newest first.
 * @throws AppError NOT_FOUND
 */
export async function changeAuthors(
  actor: Actor,
  tenantId: number,
  input: z.input<typeof changeAuthorsSchema>,
): Promise<Record<string, ChangeAuthor[]>> {
  return (await changeAuthorsReport(actor, tenantId, input)).authors;
}

/**
 * Who made a set's changes since the one before it, and of what that one lacks since it was last seen: those of most policies
 * first.
 */
export async function authorsOfSet(db: Tx, tenantId: number, setId: number): Promise<string[]> {
  const set = await setTimes(db, setId);
  const older = set && (await timesBefore(db, set));
  if (!older) return [];
  const policies = new Map<string, number>();
  for (const { since, policies: changed } of await changesOfSet(db, older, setId)) {
    // Others changed policies of other schedules in the same time.
    const graphIds = changed.map(({ graph_id }) => graph_id);
    for (const events of Object.values(await authorsBetween(db, tenantId, set, since, graphIds)))
      for (const who of new Set(events.map((event) => event.who)))
        policies.set(who, (policies.get(who) ?? 0) + 1);
  }
  return [...policies].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)).map(([who]) => who);
}

/** Policies that a set has otherwise than an older one, or alone, or not any more. */
export interface ChangesSince {
  since: SetTimes;
  policies: { policy_type: string; graph_id: string }[];
}

/**
 * A set's changes as its run has counted them, by the set since which they are: the one before, and for what that one lacks those in
 * which it was last seen.
 * @param older the set before
 * @returns nothing where nothing has changed
 */
export async function changesOfSet(db: Tx, older: SetTimes, setId: number): Promise<ChangesSince[]> {
  const changes = [{ since: older, policies: await changedPolicies(db, older.id, setId) }];
  const caughtUp = Map.groupBy(await caughtUpPolicies(db, older, setId), ({ since_set_id }) => since_set_id);
  if (caughtUp.size > 0) {
    for (const since of await timesWhere(db, Prisma.sql`b.id = ANY(${[...caughtUp.keys()]}::int[])`))
      changes.push({ since, policies: caughtUp.get(since.id) ?? [] });
  }
  return changes.filter(({ policies }) => policies.length > 0);
}

/**
 * The policies that one of two sets has and the other has not, or has otherwise. What a set lacks of a type that it did not
 * capture whole may have been there.
 */
function changedPolicies(
  db: Tx,
  olderId: number,
  newerId: number,
): Promise<{ policy_type: string; graph_id: string }[]> {
  return db.$queryRaw`
    WITH whole AS MATERIALIZED (
      SELECT b.id AS set_id, type.key AS policy_type FROM backup_sets b, jsonb_each(b.manifest -> 'types') type
      WHERE b.id IN (${olderId}, ${newerId}) AND captured_whole(type.value)
    )
    SELECT policy_type, graph_id
    FROM (SELECT policy_type, graph_id, sha256 FROM backup_items WHERE backup_set_id = ${olderId}) o
    FULL JOIN (SELECT policy_type, graph_id, sha256 FROM backup_items WHERE backup_set_id = ${newerId}) n
      USING (policy_type, graph_id)
    WHERE CASE WHEN o.sha256 IS NULL THEN policy_type IN (SELECT policy_type FROM whole WHERE set_id = ${olderId})
               WHEN n.sha256 IS NULL THEN policy_type IN (SELECT policy_type FROM whole WHERE set_id = ${newerId})
               ELSE NOT same_policy(o.sha256, n.sha256) END`;
}

/** When a set's run began to read, and when the set was written. */
export interface SetTimes {
  id: number;
  backup_schedule_id: number;
  began_at: Date;
  written_at: Date;
}

async function setTimes(db: Tx, setId: number): Promise<SetTimes | null> {
  const [times] = await timesWhere(db, Prisma.sql`b.id = ${setId}`);
  return times ?? null;
}

/** The times of a set and of the one before it in its schedule; the latter as comparisons choose it. */
export async function timesBefore(
  db: Tx,
  set: Pick<SetTimes, "id" | "backup_schedule_id">,
): Promise<SetTimes | null> {
  const [times] = await timesWhere(
    db,
    Prisma.sql`b.id = ${predecessorSql(Prisma.sql`${set.backup_schedule_id}::int`, Prisma.sql`${set.id}::int`)}`,
  );
  return times ?? null;
}

async function timesWhere(db: Tx, condition: Prisma.Sql): Promise<SetTimes[]> {
  return db.$queryRaw<SetTimes[]>`
    SELECT b.id, b.backup_schedule_id, coalesce(r.started_at, b.created_at) AS began_at, b.created_at AS written_at
    FROM backup_sets b JOIN backup_schedule_runs r ON r.id = b.run_id
    WHERE ${condition} ORDER BY b.id DESC`;
}

async function authorsBetween(
  db: Tx,
  tenantId: number,
  one: SetTimes,
  other: SetTimes,
  graphIds: readonly string[] | undefined,
): Promise<Record<string, ChangeAuthor[]>> {
  const [older, newer] = one.written_at < other.written_at ? [one, other] : [other, one];
  const only = graphIds ? Prisma.sql`AND graph_id = ANY(${[...new Set(graphIds)]}::text[])` : Prisma.empty;
  const rows = await db.$queryRaw<
    {
      graph_id: string;
      actor_name: string;
      actor_kind: ChangeAuthor["kind"];
      occurred_at: Date;
      activity: string;
      operation: ChangeAuthor["operation"];
    }[]
  >`
    SELECT graph_id, actor_name, actor_kind, occurred_at, activity, operation FROM (
      SELECT c.*, row_number() OVER (PARTITION BY graph_id ORDER BY occurred_at DESC, source, event_id) AS place
      FROM policy_changes c
      WHERE tenant_id = ${tenantId} AND occurred_at > ${older.began_at} AND occurred_at <= ${newer.written_at} ${only}
    ) ranked
    WHERE place <= ${eventsPerPolicy} ORDER BY graph_id COLLATE "C", place LIMIT ${eventsAtMost}`;
  const present = (row: (typeof rows)[number]): ChangeAuthor => ({
    who: row.actor_name,
    kind: row.actor_kind,
    at: row.occurred_at.toISOString(),
    activity: row.activity,
    operation: row.operation,
  });
  const byPolicy = Map.groupBy(rows, (row) => row.graph_id);
  return Object.fromEntries([...byPolicy].map(([graph_id, events]) => [graph_id, events.map(present)]));
}
