import { type AuditEntry, Prisma } from "#lib/db/generated/client";
import { containing } from "#lib/db/ilike";
import type { Tx } from "#lib/db/transaction";
import { actionsOfGroup, auditTargets } from "./actions.ts";
import type { AuditEntryView, AuditFilter } from "./schema.ts";

type Row = AuditEntry & {
  target_name: string | null;
  target_exists: boolean;
  sequence: bigint | null;
  hash: string | null;
};

/** Whose log is read. The transaction sees that log and no other. */
export type LogOf = "tenant" | "platform";

/** What the entries of a log can be about, as far as it has a name: what is joined, its present name, and whether it is there. */
const named = {
  tenant: {
    joins: Prisma.sql`
      LEFT JOIN backup_sets b ON a.target_kind = 'set' AND b.id = a.target_id
      LEFT JOIN LATERAL (
        SELECT * FROM backup_schedules WHERE id = CASE a.target_kind
          WHEN 'schedule' THEN a.target_id
          WHEN 'run' THEN (a.details ->> 'schedule_id')::int
          WHEN 'set' THEN b.backup_schedule_id END
        LIMIT 1) s ON true
      LEFT JOIN users u ON a.target_kind = 'user' AND u.id = a.target_id
      LEFT JOIN api_tokens k ON a.target_kind = 'token' AND k.id = a.target_id`,
    name: Prisma.sql`s.name, u.name, k.name`,
    exists: Prisma.sql`CASE a.target_kind
      WHEN 'schedule' THEN s.deleted_at IS NULL AND s.id IS NOT NULL
      WHEN 'run' THEN true
      WHEN 'set' THEN b.id IS NOT NULL
      WHEN 'user' THEN u.id IS NOT NULL
      WHEN 'token' THEN k.id IS NOT NULL
      ELSE a.target_kind = 'tenant' END`,
  },
  platform: {
    joins: Prisma.sql`
      LEFT JOIN users u ON a.target_kind = 'user' AND u.id = a.target_id
      LEFT JOIN tenants t ON a.target_kind = 'tenant' AND t.id = a.target_id`,
    name: Prisma.sql`u.name, t.name`,
    exists: Prisma.sql`coalesce(u.id, t.id) IS NOT NULL`,
  },
};

/**
 * Reads entries that fit, newest first, each with the name of what it is about: as it was then if the entry says so,
 * else as it is now. All of the filter but a search by name is decided inside the indexes of the migrations
 * "list_indexes" and "run_history".
 * @param below only entries with a smaller id
 */
export async function readEntries(
  db: Tx,
  filter: AuditFilter,
  below: bigint | null,
  limit: number,
  of: LogOf = "tenant",
): Promise<AuditEntryView[]> {
  const conditions = conditionsOf(filter);
  if (filter.search) conditions.push(await aboutMatches(db, filter.search, of));
  if (below !== null) conditions.push(Prisma.sql`id < ${below}`);
  const { joins, name, exists } = named[of];
  const rows = await db.$queryRaw<Row[]>`
    SELECT a.*,
      coalesce(a.details #>> '{name,to}', a.details ->> 'name', a.details ->> 'schedule_name', ${name}) AS target_name,
      l.sequence, encode(l.hash, 'hex') AS hash, coalesce(${exists}, false) AS target_exists
    FROM (${pageOfIds(conditions, filter.action, limit)}) page
    JOIN audit_log a USING (id)
    LEFT JOIN audit_chain l ON l.entry_id = a.id ${joins}
    ORDER BY a.id DESC`;
  return rows.map(present);
}

/**
 * The newest ids that fit. A group of actions (`run`) is the newest of each of its actions, merged: entries of a group
 * can lie far back, behind hundreds of thousands of others. Which actions there are is read from the index, one look for
 * each (a "loose index scan"): a later version may have written some that this one's table does not know, and their names
 * tell where they belong.
 */
function pageOfIds(conditions: Prisma.Sql[], action: string | undefined, limit: number): Prisma.Sql {
  const where = Prisma.join(conditions, " AND ");
  if (!action || action.includes(".")) {
    return Prisma.sql`SELECT id FROM audit_log WHERE ${where} ORDER BY id DESC LIMIT ${limit}`;
  }
  return Prisma.sql`
    WITH RECURSIVE known(action) AS (
      (SELECT action FROM audit_log ORDER BY action LIMIT 1)
      UNION ALL
      SELECT (SELECT next.action FROM audit_log next WHERE next.action > known.action ORDER BY next.action LIMIT 1)
      FROM known WHERE known.action IS NOT NULL
    )
    SELECT entry.id FROM known CROSS JOIN LATERAL (
      SELECT id FROM audit_log WHERE audit_log.action = known.action AND ${where} ORDER BY id DESC LIMIT ${limit}
    ) entry
    WHERE starts_with(known.action, ${`${action}.`}::text) OR known.action = ANY(${actionsOfGroup(action)}::text[])
    ORDER BY entry.id DESC LIMIT ${limit}`;
}

function conditionsOf({ action, actor, from, to }: AuditFilter): Prisma.Sql[] {
  const conditions = [Prisma.sql`true`];
  if (action?.includes(".")) conditions.push(Prisma.sql`action = ${action}`);
  if (actor) {
    const [kind, id] = actor.split(":");
    conditions.push(Prisma.sql`actor_kind = ${kind}`);
    if (id !== undefined) conditions.push(Prisma.sql`actor_id = ${Number(id)}`);
  }
  if (from !== undefined) conditions.push(Prisma.sql`at >= ${new Date(from)}`);
  if (to !== undefined) conditions.push(Prisma.sql`at < ${new Date(to)}`);
  return conditions;
}

/**
 * `run 17`, `Run #17` and `#17` mean what has this id, and nothing else. Any other text is a part of a name (the one that
 * the entry has noted, or the present one of the schedule, member, token or tenant that it is about), or, as `17`, an id too.
 */
async function aboutMatches(db: Tx, search: string, of: LogOf): Promise<Prisma.Sql> {
  const [, word, sign, digits] = /^(?:([a-z]+)\s+)?(#?)([1-9][0-9]{0,8})$/i.exec(search) ?? [];
  const kind = word?.toLowerCase();
  const hasId = digits === undefined ? null : Prisma.sql`target_id = ${Number(digits)}`;
  if (hasId && kind !== undefined && Object.hasOwn(auditTargets, kind))
    return Prisma.sql`(target_kind = ${kind} AND ${hasId})`;
  if (hasId && kind === undefined && sign) return hasId;
  const pattern = containing(search);
  const others =
    of === "platform"
      ? Prisma.sql`SELECT 'tenant', id FROM tenants WHERE name ILIKE ${pattern}`
      : Prisma.sql`
          SELECT 'schedule', id FROM backup_schedules WHERE name ILIKE ${pattern}
          UNION ALL SELECT 'token', id FROM api_tokens WHERE name ILIKE ${pattern}`;
  const known = await db.$queryRaw<{ kind: string; id: number }[]>`
    SELECT 'user' AS kind, id FROM users WHERE name ILIKE ${pattern} OR email ILIKE ${pattern} UNION ALL ${others}`;
  const idsOf = (kind: string) => known.flatMap((row) => (row.kind === kind ? [row.id] : []));
  const ways = [
    Prisma.sql`details ->> 'name' ILIKE ${pattern}`,
    Prisma.sql`details ->> 'schedule_name' ILIKE ${pattern}`,
  ];
  for (const kind of ["schedule", "user", "token", "tenant"]) {
    const ids = idsOf(kind);
    if (ids.length > 0) ways.push(Prisma.sql`(target_kind = ${kind} AND target_id = ANY(${ids}::int[]))`);
  }
  const schedules = idsOf("schedule").map(String);
  if (schedules.length > 0) ways.push(Prisma.sql`details ->> 'schedule_id' = ANY(${schedules}::text[])`);
  if (hasId && kind === undefined) ways.push(hasId);
  return Prisma.sql`(${Prisma.join(ways, " OR ")})`;
}

/** The entry as API and pages show it. */
function present(row: Row): AuditEntryView {
  return {
    id: Number(row.id),
    at: row.at.toISOString(),
    actor_kind: row.actor_kind as AuditEntryView["actor_kind"],
    actor_id: row.actor_id,
    actor_name: row.actor_name,
    action: row.action,
    target_kind: row.target_kind,
    target_id: row.target_id,
    target_name: row.target_name,
    target_exists: row.target_exists,
    details: row.details as Record<string, unknown>,
    address: row.address,
    request_id: row.request_id,
    sequence: row.sequence === null ? null : Number(row.sequence),
    hash: row.hash,
  };
}
