import { z } from "zod";
import { counted } from "#lib/counted";
import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { enqueue } from "#lib/jobs/enqueue";
import { routeAlertJob } from "#lib/jobs/route-alert";
import { platformOperation } from "#lib/operation";
import { digestDueAt } from "./digest-due.ts";
import { allOf, type DigestFacts, digestKind } from "./digest-facts.ts";

/** So many digests one transaction writes. */
const most = 50;
/** Of schedules and incidents, a mail names so many. */
const named = 20;
/** What is older than so many days no digest tells, however long none was written. */
const oldestDays = 31;

interface Due {
  id: number;
  tenant_id: number;
  target_id: number;
  timezone: string;
  digest: "daily" | "weekly";
  now: Date;
}

const dueRules = Prisma.sql`
  FROM alert_rules r JOIN alert_targets t ON t.id = r.target_id JOIN tenants n ON n.id = r.tenant_id
  WHERE r.digest_due_at <= now() AND r.is_enabled AND t.is_enabled AND n.archived_at IS NULL`;

/** Whether any digest is due. */
export const digestsAreDue = Prisma.sql`EXISTS (SELECT ${dueRules})`;

/**
 * Writes the digests that are due, as events of their targets: what ran, what changed, what is at risk. They are delivered
 * as alerts are, at least once.
 * @returns how many were written
 */
export const writeDigests = platformOperation({
  name: "alert.write_digests",
  permission: "alert:deliver",
  timeoutMs: 60_000,
  input: z.strictObject({}),
  output: z.int(),
  async run({ db }) {
    const due = await db.$queryRaw<Due[]>`
      SELECT r.id, r.tenant_id, r.target_id, r.timezone, r.digest, now() ${dueRules}
      ORDER BY r.digest_due_at LIMIT ${most} FOR UPDATE OF r SKIP LOCKED`;
    for (const rule of due) {
      const facts = await factsOf(db, rule, await beginOf(db, rule));
      const period = rule.digest === "daily" ? "Daily" : "Weekly";
      const [event] = await db.$queryRaw<{ id: bigint }[]>`
        INSERT INTO alert_events (tenant_id, kind, severity, title, body, link, data, only_target_id)
        VALUES (${rule.tenant_id}, ${digestKind}, 'info', ${`${period} digest`}, ${summaryOf(facts)},
                ${`/tenants/${rule.tenant_id}`}, ${JSON.stringify({ ...facts, rule_id: rule.id })}::jsonb, ${rule.target_id})
        RETURNING id`;
      await db.$executeRaw`
        UPDATE alert_rules SET digest_due_at = ${digestDueAt(rule, rule.now)} WHERE id = ${rule.id}`;
      if (event)
        await enqueue(db, routeAlertJob, [
          { data: { tenant_id: rule.tenant_id, event_id: Number(event.id) }, tenantId: rule.tenant_id },
        ]);
    }
    return due.length;
  },
});

function summaryOf(facts: DigestFacts): string {
  const { runs } = facts;
  const { incidents } = allOf(facts);
  const ran = runs.success + runs.partial + runs.failed + runs.skipped;
  const good = `${runs.success} of ${counted(ran, "run")} backed up everything`;
  return incidents === 0
    ? `${good}. Nothing is wrong now.`
    : `${good}. ${incidents} ${incidents === 1 ? "thing is" : "things are"} wrong now.`;
}

/**
 * From when on a digest tells: where the rule's last one ended, so that what happens while the clock changes, or while nobody
 * writes digests, is told once; of the first one a day or a week ago.
 */
async function beginOf(db: Tx, { id, tenant_id, target_id, digest, now }: Due): Promise<Date> {
  const [last] = await db.$queryRaw<{ until: string | null }[]>`
    SELECT max(data ->> 'until') AS until FROM alert_events
    WHERE tenant_id = ${tenant_id} AND kind = ${digestKind} AND only_target_id = ${target_id}
      AND (data ->> 'rule_id')::int = ${id}`;
  const daysAgo = (days: number) => now.getTime() - days * 86_400_000;
  if (!last?.until) return new Date(daysAgo(digest === "daily" ? 1 : 7));
  return new Date(Math.max(Date.parse(last.until), daysAgo(oldestDays)));
}

async function factsOf(db: Tx, { tenant_id, now }: Due, begin: Date): Promise<DigestFacts> {
  const [since, until] = [begin.toISOString(), now.toISOString()];
  const [totals] = await db.$queryRaw<(DigestFacts["runs"] & DigestFacts["changes"])[]>`
    SELECT count(*) FILTER (WHERE status = 'success')::int AS success, count(*) FILTER (WHERE status = 'partial')::int AS partial,
           count(*) FILTER (WHERE status = 'failed')::int AS failed, count(*) FILTER (WHERE status = 'skipped')::int AS skipped,
           coalesce(sum((summary -> 'changes' ->> 'added')::int) FILTER (WHERE (summary -> 'changes' ->> 'unchanged')::int > 0), 0)::int AS added,
           coalesce(sum((summary -> 'changes' ->> 'changed')::int), 0)::int AS changed,
           coalesce(sum((summary -> 'changes' ->> 'removed')::int), 0)::int AS removed
    FROM backup_schedule_runs
    WHERE tenant_id = ${tenant_id} AND finished_at > ${since}::timestamptz AND finished_at <= ${until}::timestamptz
      -- What a restore reads is no backup.
      AND trigger <> 'restore'`;
  const schedules = await db.$queryRaw<(DigestFacts["schedules"][number] & { of: number })[]>`
    SELECT count(*) OVER ()::int AS of, s.name, s.last_run_status::text AS last, s.paused_reason IS NOT NULL AS is_paused,
           count(r.id) FILTER (WHERE r.status = 'success')::int AS complete,
           count(r.id) FILTER (WHERE r.status <> 'running')::int AS runs
    FROM backup_schedules s LEFT JOIN backup_schedule_runs r
      ON r.backup_schedule_id = s.id AND r.finished_at > ${since}::timestamptz AND r.finished_at <= ${until}::timestamptz
    WHERE s.tenant_id = ${tenant_id} AND s.deleted_at IS NULL AND (s.is_enabled OR s.paused_reason IS NOT NULL)
    GROUP BY s.id ORDER BY s.paused_reason IS NULL, s.last_run_status = 'success', s.name LIMIT ${named}`;
  const incidents = await db.$queryRaw<(DigestFacts["incidents"][number] & { of: number })[]>`
    SELECT count(*) OVER ()::int AS of, title, body, severity, count AS times FROM incidents
    WHERE tenant_id = ${tenant_id} AND closed_at IS NULL
    ORDER BY severity_rank(severity) DESC, id DESC LIMIT ${named}`;
  const [drift] = await db.$queryRaw<NonNullable<DigestFacts["drift"]>[]>`
    SELECT (count(d.id) FILTER (WHERE d.state = 'new' OR d.state = 'accepted' AND d.accepted_until <= now()))::int AS new,
           (count(d.id) FILTER (WHERE d.state = 'denied'))::int AS denied,
           (count(d.id) FILTER (WHERE d.state = 'accepted' AND (d.accepted_until <= now()) IS NOT TRUE))::int AS accepted
    FROM baselines b LEFT JOIN drifts d ON d.tenant_id = b.tenant_id AND d.gone_at IS NULL
    WHERE b.tenant_id = ${tenant_id} GROUP BY b.tenant_id`;
  const {
    added = 0,
    changed = 0,
    removed = 0,
    success = 0,
    partial = 0,
    failed = 0,
    skipped = 0,
  } = totals ?? {};
  return {
    since,
    until,
    runs: { success, partial, failed, skipped },
    changes: { added, changed, removed },
    drift: drift ?? null,
    schedules: schedules.map(({ of: _, ...schedule }) => schedule),
    incidents: incidents.map(({ of: _, ...incident }) => incident),
    all: { schedules: schedules[0]?.of ?? 0, incidents: incidents[0]?.of ?? 0 },
  };
}
