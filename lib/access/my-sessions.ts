import { z } from "zod";
import { recordSecurityEvent } from "#lib/audit/security";
import { transaction } from "#lib/db/transaction";
import { env } from "#lib/env";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { ownOperation } from "#lib/operation";
import { present } from "#lib/present";
import { type SessionView, sessionView } from "./session-view.ts";
import { endSessionsOf, ofPerson } from "./sessions.ts";

/** Where a person is signed in: this browser first, then what was used last. */
export const listMySessions = ownOperation({
  name: "session.list_own",
  actors: ["user"],
  input: z.strictObject({}),
  output: z.array(sessionView),
  async run({ user_id, session }) {
    const rows = await transaction(
      { as: "account", user_id },
      (db) => db.$queryRaw<
        (Omit<SessionView, "created_at" | "last_seen_at"> & { created_at: Date; last_seen_at: Date })[]
      >`
        SELECT id, device, address, created_at, last_seen_at, id IS NOT DISTINCT FROM ${session?.id ?? null}::int AS is_current
        FROM sessions
        WHERE user_id = ${user_id} AND ended_at IS NULL AND ends_at > now()
          AND last_seen_at > now() - ${env().SESSION_IDLE_MINUTES} * interval '1 minute'
        ORDER BY is_current DESC, last_seen_at DESC, id DESC`,
      { readOnly: true },
    );
    return rows.map((row) => present(sessionView, row));
  },
});

/**
 * Ends one of a person's own sessions. One that has ended already stays as it is.
 * @throws AppError NOT_FOUND when it is not theirs, or there is none such
 */
export const endMySession = ownOperation({
  name: "session.end_own",
  actors: ["user"],
  input: z.strictObject({ session_id: idSchema }),
  output: z.void(),
  async run({ user_id }, { session_id }) {
    const found = await transaction(
      { as: "account", user_id },
      (db) => db.$executeRaw`
        UPDATE sessions SET ended_at = coalesce(ended_at, now()), end_reason = coalesce(end_reason, 'ended_by_person')
        WHERE id = ${session_id}`,
    );
    if (found === 0) throw new AppError("NOT_FOUND", "You have no such session.");
    await recordSecurityEvent({ action: "session.ended", ...ofPerson(user_id), details: { session_id } });
  },
});

/** Ends all of a person's sessions but the one that asks, and those that are about to begin. @returns how many */
export const endMyOtherSessions = ownOperation({
  name: "session.end_others",
  actors: ["user"],
  input: z.strictObject({}),
  output: z.strictObject({ ended: z.int() }),
  async run({ user_id, session }) {
    const { ended } = await transaction({ as: "account", user_id }, (db) =>
      endSessionsOf(db, user_id, "ended_by_person", session?.id),
    );
    if (ended > 0)
      await recordSecurityEvent({
        action: "session.ended",
        ...ofPerson(user_id),
        details: { sessions: ended },
      });
    return { ended };
  },
});
