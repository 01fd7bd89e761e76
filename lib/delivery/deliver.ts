import { z } from "zod";
import { alertsActor } from "#lib/access/actor";
import { type AlertKind, isAlertKind } from "#lib/alerts/kinds";
import { raiseAlerts } from "#lib/alerts/raise";
import { openTarget } from "#lib/alerts/target-secret";
import { targetKinds } from "#lib/alerts/targets-schema";
import type { AuditAction } from "#lib/audit/actions";
import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { bigIdSchema, idSchema } from "#lib/ids";
import { deliverAlertJob } from "#lib/jobs/deliver-alert";
import { enqueue } from "#lib/jobs/enqueue";
import { alertDisabledAfterHours } from "#lib/limits";
import { log } from "#lib/log";
import { sendNotification } from "#lib/notifications/send";
import { platformOperation } from "#lib/operation";
import { loadMessage } from "./load-message.ts";
import type { ChangesInWords, Message } from "./message.ts";
import { recipientsOf } from "./recipients.ts";
import { type Destination, type Outcome, sendTo } from "./send.ts";

/** Seconds from one failed attempt to the next: more than a day in all. Then it is given up. */
export const retryAfterSeconds = [10, 60, 300, 1_800, 7_200, 18_000, 36_000, 36_000] as const;
/** A receiver may ask for more patience, up to so many seconds. */
const patienceMost = 3_600;
/** An attempt that has not come back after so many seconds has died with its process. */
const leaseSeconds = 60;

const begun = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("nothing_to_do") }),
  z.strictObject({
    kind: z.literal("attempt"),
    attempt: z.int(),
    is_for_platform: z.boolean(),
    destination: z.custom<Destination>(),
    message: z.custom<Message>(),
  }),
]);

const nothingToDo = { kind: "nothing_to_do" } as const;

interface Claimed {
  event_id: bigint;
  attempts: number;
  /** It was tried before: it goes on, or somebody has it made again. */
  was_tried: boolean;
  target_id: number;
  target_tenant_id: number | null;
}

/**
 * Begins an attempt, if one is due: notes it and its end, so that nobody else begins one meanwhile, and another one comes
 * when this one dies. What is over before it was ever told is dropped, and so is what has nobody to go to.
 */
const beginAttempt = platformOperation({
  name: "alert.begin_attempt",
  permission: "alert:deliver",
  input: z.strictObject({ tenant_id: idSchema.nullable(), delivery_id: bigIdSchema }),
  output: begun,
  async run({ db }, { tenant_id, delivery_id }) {
    const id = BigInt(delivery_id);
    const [claimed] = await db.$queryRaw<Claimed[]>`
      WITH due AS (
        SELECT id, last_at FROM alert_deliveries
        WHERE tenant_id IS NOT DISTINCT FROM ${tenant_id}::int AND id = ${id} AND state = 'pending' AND next_at <= now() + interval '1 second'
        FOR UPDATE
      )
      UPDATE alert_deliveries d
      SET attempts = d.attempts + 1, last_at = now(), next_at = now() + make_interval(secs => ${leaseSeconds})
      FROM due WHERE d.id = due.id
      RETURNING d.event_id, d.attempts, due.last_at IS NOT NULL AS was_tried, d.target_id, d.target_tenant_id`;
    if (!claimed) {
      await enqueueAgain(db, tenant_id, delivery_id);
      return nothingToDo;
    }
    const message = await loadMessage(db, tenant_id, claimed.event_id, claimed.target_tenant_id === null);
    const destination = message && (await destinationOf(db, claimed, message));
    const dropped = !message
      ? "The event is gone."
      : destination === "disabled"
        ? "The target is disabled."
        : destination === "nobody"
          ? "There is nobody to send it to."
          : (await isOver(db, tenant_id, claimed))
            ? "It was over before it was told."
            : null;
    if (dropped !== null || !message || typeof destination !== "object" || destination === null) {
      await db.$executeRaw`
        UPDATE alert_deliveries SET state = 'dropped', next_at = NULL, answer = ${dropped}
        WHERE tenant_id IS NOT DISTINCT FROM ${tenant_id}::int AND id = ${id}`;
      return nothingToDo;
    }
    const is_for_platform = claimed.target_tenant_id === null;
    return { kind: "attempt" as const, attempt: claimed.attempts, is_for_platform, destination, message };
  },
});

/** A job that comes before its time, or while another attempt may be going on, comes again. */
async function enqueueAgain(db: Tx, tenant_id: number | null, delivery_id: number): Promise<void> {
  const [pending] = await db.$queryRaw<{ wait: number }[]>`
    SELECT ceil(extract(epoch FROM next_at - now()))::int AS wait FROM alert_deliveries
    WHERE tenant_id IS NOT DISTINCT FROM ${tenant_id}::int AND id = ${BigInt(delivery_id)} AND state = 'pending'`;
  if (pending)
    await enqueue(db, deliverAlertJob, [
      { data: { tenant_id, delivery_id }, tenantId: tenant_id, startAfterSeconds: Math.max(1, pending.wait) },
    ]);
}

async function destinationOf(
  db: Tx,
  { target_id, target_tenant_id }: Claimed,
  message: Message,
): Promise<Destination | "disabled" | "nobody"> {
  const target = await db.alertTarget.findFirst({ where: { id: target_id } });
  if (!target?.is_enabled) return "disabled";
  const kind = targetKinds.find((known) => known === target.kind);
  if (kind === undefined) return "disabled";
  if (kind === "email") {
    const to = await recipientsOf(db, target, message.kind);
    const message_id = `${message.id}.${target_id}`;
    const thread =
      message.incident_id === null ? null : `incident.${message.tenant?.id}.${message.incident_id}`;
    return to.length === 0 ? "nobody" : { kind, to, message_id, thread };
  }
  if (!target.secret_ciphertext) return "disabled";
  try {
    return { kind, secret: openTarget(target.secret_ciphertext, target_tenant_id, target_id) };
  } catch {
    // An attempt that fails: it counts, comes again when the key may be back, and comes to an end.
    return { kind: "sealed" };
  }
}

/**
 * What waited, in quiet hours say, while its incident ended: then neither the beginning nor the end is news. When the hours are over
 * both are due, and whichever comes first finds the other one waiting.
 */
async function isOver(
  db: Tx,
  tenantId: number | null,
  { event_id, target_id, was_tried }: Claimed,
): Promise<boolean> {
  if (was_tried) return false;
  const isUntold = Prisma.sql`(d.state = 'dropped' OR d.state = 'pending' AND d.last_at IS NULL AND EXISTS (
    SELECT FROM alert_rules w WHERE w.id = d.rule_id AND w.quiet_from IS NOT NULL))`;
  const [over] = await db.$queryRaw<{ over: boolean }[]>`
    SELECT CASE WHEN e.began_as IS NULL THEN i.closed_at IS NOT NULL ELSE EXISTS (
             SELECT FROM alert_events o JOIN alert_deliveries d ON d.event_id = o.id AND d.target_id = ${target_id}
             WHERE o.tenant_id = e.tenant_id AND o.incident_id = e.incident_id AND o.began_as IS NULL AND ${isUntold}
           ) AND NOT EXISTS (
             SELECT FROM alert_events o JOIN alert_deliveries d ON d.event_id = o.id AND d.target_id = ${target_id}
             WHERE o.tenant_id = e.tenant_id AND o.incident_id = e.incident_id AND o.began_as IS NULL AND NOT ${isUntold}
           ) END AS over
    FROM alert_events e JOIN incidents i ON i.tenant_id = e.tenant_id AND i.id = e.incident_id
    JOIN alert_deliveries mine ON mine.event_id = e.id AND mine.target_id = ${target_id}
    -- What had no quiet hours to wait for is told, whatever came of it meanwhile.
    JOIN alert_rules r ON r.id = mine.rule_id AND r.quiet_from IS NOT NULL
    WHERE e.tenant_id = ${tenantId}::int AND e.id = ${event_id}`;
  return over?.over ?? false;
}

/** Notes what an attempt came to, and enqueues the next one if there is to be one. */
const endAttempt = platformOperation({
  name: "alert.end_attempt",
  permission: "alert:deliver",
  input: z.strictObject({
    tenant_id: idSchema.nullable(),
    delivery_id: bigIdSchema,
    attempt: z.int(),
    outcome: z.custom<Outcome>(),
  }),
  output: z.void(),
  async run({ db }, { tenant_id, delivery_id, attempt, outcome }) {
    const backoff = retryAfterSeconds[attempt - 1];
    const wait = backoff && Math.max(backoff, Math.min(outcome.retry_after ?? 0, patienceMost));
    const isGone = outcome.status === 410;
    const state = outcome.ok ? "delivered" : wait === undefined || isGone ? "failed" : "pending";
    const [noted] = await db.$queryRaw<{ target_id: number }[]>`
      UPDATE alert_deliveries
      SET state = ${state}, duration_ms = ${outcome.duration_ms}, answer_status = ${outcome.status},
          answer = ${outcome.answer},
          next_at = CASE WHEN ${state} = 'pending' THEN now() + make_interval(secs => ${wait ?? 0}) END
      WHERE tenant_id IS NOT DISTINCT FROM ${tenant_id}::int AND id = ${BigInt(delivery_id)} AND state = 'pending' AND attempts = ${attempt}
      RETURNING target_id`;
    // Another attempt has begun since: it notes its own.
    if (!noted) return;
    if (state === "pending")
      await enqueue(db, deliverAlertJob, [
        { data: { tenant_id, delivery_id }, tenantId: tenant_id, startAfterSeconds: wait ?? 0 },
      ]);
    if (outcome.ok) {
      await db.$executeRaw`
        UPDATE alert_targets SET failing_since = NULL, last_delivered_at = now() WHERE id = ${noted.target_id}`;
      return;
    }
    await noteFailure(db, noted.target_id, outcome, isGone);
  },
});

/** A target that takes nothing for days is disabled: by then nobody looks at it, and others have to say so. */
async function noteFailure(db: Tx, targetId: number, outcome: Outcome, isGone: boolean): Promise<void> {
  const said = outcome.status === null ? outcome.answer : `HTTP ${outcome.status}`;
  const reason = isGone
    ? "The receiver answered 410: it is gone for good."
    : `Nothing was delivered for ${alertDisabledAfterHours} hours. Last: ${said}`;
  const [target] = await db.$queryRaw<
    { tenant_id: number | null; name: string; is_enabled: boolean; was_enabled: boolean }[]
  >`
    WITH before AS (SELECT id, is_enabled FROM alert_targets WHERE id = ${targetId} FOR UPDATE),
    lasts AS (
      SELECT b.id, b.is_enabled AND (${isGone} OR
        t.failing_since < now() - make_interval(hours => ${alertDisabledAfterHours})) IS TRUE AS ends
      FROM before b JOIN alert_targets t ON t.id = b.id)
    UPDATE alert_targets t
    SET failing_since = coalesce(t.failing_since, now()), is_enabled = t.is_enabled AND NOT l.ends,
        disabled_reason = CASE WHEN l.ends THEN ${reason} ELSE t.disabled_reason END
    FROM lasts l WHERE t.id = l.id
    RETURNING t.tenant_id, t.name, t.is_enabled, l.ends OR t.is_enabled AS was_enabled`;
  if (!target || target.is_enabled || !target.was_enabled) return;
  const { tenant_id, name } = target;
  await db.$executeRaw`
    INSERT INTO audit_log (tenant_id, actor_kind, actor_name, action, target_kind, target_id, details)
    VALUES (${tenant_id}, 'system', 'alerts', ${"alert_target.disabled" satisfies AuditAction}, 'alert_target', ${targetId},
            ${JSON.stringify({ name, reason })}::jsonb)`;
  const words = {
    title: "Alert target disabled",
    body: `"${name}" gets no more alerts. ${reason}`,
    link: tenant_id === null ? "/platform/alerts" : `/tenants/${tenant_id}/alerts`,
    data: { target_id: targetId },
  };
  if (tenant_id === null) {
    await raiseAlerts(db, [{ ...words, kind: "target.disabled", tenant_id }]);
    return;
  }
  await sendNotification(db, tenant_id, { ...words, kind: "target.disabled" });
  await raiseAlerts(db, [{ ...words, kind: "target.disabled", cause: `target:${targetId}`, tenant_id }]);
}

/** Say what an event of a kind is about, policy by policy, for messages that people read. */
export type Describers = Partial<
  Record<AlertKind, (tenantId: number, data: Message["data"]) => Promise<ChangesInWords | null>>
>;

/**
 * What a message says beyond its sentence. Webhooks stay thin, and of what is in a tenant the platform's targets hear nothing. What
 * cannot be said now holds no alert up.
 */
async function changesFor(
  { destination, message, is_for_platform }: Extract<z.infer<typeof begun>, { kind: "attempt" }>,
  describers: Describers,
): Promise<ChangesInWords | null> {
  const { kind, tenant, data } = message;
  const isRead = ["email", "teams", "slack"].includes(destination.kind);
  const inWords = isAlertKind(kind) ? describers[kind] : undefined;
  if (!isRead || is_for_platform || !tenant || !inWords) return null;
  return inWords(tenant.id, data).catch((error: unknown) => {
    log.warn({ err: error, tenant_id: tenant.id, kind }, "an alert is told without what it is about");
    return null;
  });
}

/**
 * One attempt at a delivery, if one is due. At least once: whoever dies after the receiver took it, and before that was
 * noted, sends it again under the same id.
 * @param describers without one of its kind, and where it fails, an event tells how many policies it is about
 */
export async function deliverAlert(
  { tenant_id, delivery_id }: { tenant_id: number | null; delivery_id: number },
  signal?: AbortSignal,
  describers: Describers = {},
): Promise<void> {
  const begun = await beginAttempt(alertsActor, { tenant_id, delivery_id });
  if (begun.kind === "nothing_to_do") return;
  const { destination, message } = begun;
  const changes = await changesFor(begun, describers);
  const outcome = await sendTo(destination, changes ? { ...message, changes } : message, signal);
  await endAttempt(alertsActor, { tenant_id, delivery_id, attempt: begun.attempt, outcome });
}
