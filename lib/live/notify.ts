import type { Tx } from "#lib/db/transaction";

/** The Postgres channel that tells web processes what changed, so that pages update without reload. */
export const liveChannel = "tenantpilot_live";

/** What may change live. The event carries ids only; who listens reads the rest through an operation. */
export interface LiveEvent {
  tenant_id: number;
  topic: "run" | "schedule" | "set" | "notification" | "connection" | "restore" | "incident" | "drift";
  /** The changed thing, or null for several. */
  id: number | null;
  /** Only for this user (notifications). */
  user_id?: number;
}

/**
 * Whose access may have ended: a session's, a token's, or a person's, in one tenant or everywhere. The database says so, on
 * the same channel, whoever ended it (migration "sessions"); what it does not see, `notifyAccess` does.
 */
export interface AccessNews {
  access_of: { tenant_id?: number; user_id?: number; session_id?: number; token_id?: number };
}

/** Sends events when the caller's transaction commits, and never if it does not. */
export async function notifyLive(db: Tx, events: readonly LiveEvent[]): Promise<void> {
  if (events.length === 0) return;
  const payloads = [...new Set(events.map((event) => JSON.stringify(event)))];
  await db.$executeRaw`SELECT pg_notify(${liveChannel}, payload) FROM unnest(${payloads}::text[]) AS payload`;
}

/** Has the open event streams that this concerns look whether they may go on, when the caller's transaction commits. */
export async function notifyAccess(db: Tx, news: AccessNews): Promise<void> {
  await db.$executeRaw`SELECT pg_notify(${liveChannel}, ${JSON.stringify(news)})`;
}
