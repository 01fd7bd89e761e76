import { notifyLive } from "#lib/live/notify";
import type { NotificationKind } from "#lib/notifications/kinds";
import { sendNotification } from "#lib/notifications/send";
import type { OperationContext } from "#lib/operation";

const kind = "schedule.bulk_changed" satisfies NotificationKind;

/** What a bulk act made of schedules. */
type BulkChange = "enabled" | "disabled" | "deleted";

interface BulkOutcome {
  change: BulkChange;
  /** Ids that changed. */
  changed: readonly number[];
  /** How many were so already. */
  already: number;
  /** How many are no live schedule of this tenant. */
  gone: number;
}

/**
 * Tells the person who changed several schedules at once, in the transaction that changed them, what became of all of
 * them. A token has no notifications.
 */
export async function notifyBulkChange(
  { db, tenant, actor }: OperationContext,
  outcome: BulkOutcome,
): Promise<void> {
  if (actor.kind !== "user" || actor.id === null) return;
  const { change, changed, already, gone } = outcome;
  await sendNotification(db, tenant.id, {
    kind,
    doer: actor.id,
    ...bulkChangeWords(outcome),
    link: `/tenants/${tenant.id}/backup-schedules`,
    data: { change, schedule_ids: ascending(changed), changed: changed.length, already, gone },
  });
}

/**
 * Says in the person's notification of a bulk act that it was taken back, so that it does not go on telling what is no
 * longer so; an act and its undo are one thing to tell. Only the act that changed exactly these schedules is meant.
 * @param undone what the act had made of the schedules
 * @param restored how many are now as they were before it
 */
export async function noteBulkUndo(
  { db, tenant, actor }: OperationContext,
  undone: "enabled" | "disabled",
  scheduleIds: readonly number[],
  restored: number,
): Promise<void> {
  if (actor.kind !== "user" || actor.id === null || restored === 0) return;
  const [told] = await db.$queryRaw<{ id: number; already: number; gone: number }[]>`
    SELECT id, (data->>'already')::int AS already, (data->>'gone')::int AS gone FROM notifications
    WHERE tenant_id = ${tenant.id} AND user_id = ${actor.id} AND kind = ${kind}
      AND data->>'change' = ${undone} AND NOT data ? 'undone'
      AND data->'schedule_ids' = ${JSON.stringify(ascending(scheduleIds))}::jsonb
    ORDER BY id DESC LIMIT 1 FOR UPDATE`;
  if (!told) return;
  const body = [undoWords(undone, scheduleIds.length, restored), ...leftWords(undone, told)].join(" ");
  await db.$executeRaw`
    UPDATE notifications SET body = ${body}, data = data || jsonb_build_object('undone', ${restored}::int)
    WHERE id = ${told.id}`;
  await notifyLive(db, [{ tenant_id: tenant.id, topic: "notification", id: null, user_id: actor.id }]);
}

/** Title and body: what changed, what follows from it, and what could not be changed and why. */
function bulkChangeWords({ change, changed, already, gone }: BulkOutcome): { title: string; body: string } {
  const done = changed.length;
  const asked = done + already + gone;
  const schedules = asked === 1 ? "schedule" : "schedules";
  const count = done === asked ? `${done}` : `${done} of ${asked}`;
  const parts = [
    ...(done > 0 ? [consequence[change](done === 1)] : []),
    ...leftWords(change, { already, gone }),
  ];
  return {
    title: done === 0 ? `No schedule was ${change}` : `${capital(change)} ${count} ${schedules}`,
    body: parts.join(" "),
  };
}

/** What could not be changed, and why. */
function leftWords(change: BulkChange, { already, gone }: Pick<BulkOutcome, "already" | "gone">): string[] {
  return [
    ...(already > 0 ? [`${already} ${already === 1 ? "was" : "were"} ${change} already.`] : []),
    ...(gone > 0 ? [`${gone} no longer ${gone === 1 ? "exists" : "exist"}.`] : []),
  ];
}

const consequence: Record<BulkChange, (one: boolean) => string> = {
  enabled: (one) => `${one ? "It runs" : "They run"} again at the next occurrence.`,
  disabled: (one) => `${one ? "It does" : "They do"} not run until enabled again.`,
  deleted: (one) => `${one ? "Its" : "Their"} runs and backup sets stay.`,
};

function undoWords(undone: "enabled" | "disabled", asked: number, restored: number): string {
  const before = undone === "enabled" ? "disabled" : "enabled";
  if (restored < asked)
    return `Undone: ${restored} of ${asked} ${restored === 1 ? "is" : "are"} ${before} again.`;
  return `Undone: ${asked === 1 ? "it is" : "they are"} ${before} again.`;
}

function ascending(ids: readonly number[]): number[] {
  return ids.toSorted((a, b) => a - b);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
