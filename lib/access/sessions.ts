import { randomBytes } from "node:crypto";
import { recordSecurityEvent } from "#lib/audit/security";
import { type Tx, transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { sessionHours } from "#lib/limits";
import { hashToken } from "./secret-token.ts";
import type { SignedInUser } from "./sign-in.ts";

/** What a browser holds of its session: whose it is, and the secret that is known here by its hash alone. */
export interface SessionTicket {
  user_id: number;
  secret: string;
}

/** Where somebody sits, as far as it is known. */
export interface SessionClient {
  /** The client's IP address (lib/http/client-address.ts). */
  address: string | null;
  /** The browser in words: `Firefox on Windows`. */
  device: string | null;
}

/** How the person of a session proved who they are. */
export type SessionProof = "password" | "entra";

/** Why a session ended before its time. */
export type EndReason =
  | "sign_out"
  | "signed_in_again"
  | "ended_by_person"
  | "password_changed"
  | "second_factor_changed"
  | "administrator"
  | "account_disabled";

/**
 * Begins a session of a person who has proven who they are, by whichever means: this is the only way to make one.
 * @param person as they were when they proved it
 * @param proof by which means
 * @throws AppError UNAUTHENTICATED when all their sessions were ended since then, or the account is disabled
 */
export async function beginSession(
  { id, session_version }: Pick<SignedInUser, "id" | "session_version">,
  client: SessionClient,
  proof: SessionProof = "password",
): Promise<SessionTicket & { ends_at: Date }> {
  const secret = randomBytes(32).toString("base64url");
  const [begun] = await transaction(
    { as: "account", user_id: id },
    // The lock has it wait for whoever ends all sessions right now, and them for it: they see the row.
    (db) => db.$queryRaw<{ ends_at: Date }[]>`
      INSERT INTO sessions (user_id, secret_hash, ends_at, address, device, proof)
      SELECT id, ${hashToken(secret)}, now() + ${sessionHours} * interval '1 hour', ${client.address}, ${client.device}, ${proof}
      FROM users WHERE id = ${id} AND session_version = ${session_version} AND disabled_at IS NULL FOR SHARE
      RETURNING ends_at`,
  );
  if (!begun) throw new AppError("UNAUTHENTICATED", "All your sessions were just ended. Sign in again.");
  await recordSecurityEvent({ action: "session.started", ...ofPerson(id) }, client.address);
  return { user_id: id, secret, ends_at: begun.ends_at };
}

/** Ends the session of a ticket, if it has not ended yet. */
export async function endSession(ticket: SessionTicket, reason: EndReason): Promise<void> {
  const ended = await transaction(
    { as: "account", user_id: ticket.user_id },
    (db) => db.$executeRaw`
      UPDATE sessions SET ended_at = now(), end_reason = ${reason}
      WHERE secret_hash = ${hashToken(ticket.secret)} AND ended_at IS NULL`,
  );
  if (ended > 0 && reason === "sign_out")
    await recordSecurityEvent({ action: "session.signed_out", ...ofPerson(ticket.user_id) });
}

/** An event of a person's own doing, for the log of each of their tenants. */
export function ofPerson(id: number) {
  return {
    in: { person: id },
    by: { kind: "user", id },
    target: { kind: "user", id },
  } as const;
}

/**
 * Ends every session of a person, those included that are about to begin, and the first steps that wait for a second one, in a
 * transaction that may: `account` bound to them, or `identity`.
 * @param but the id of a session that goes on: that of whoever asks for it
 * @returns the version by which sessions begin from now on, and how many ended
 */
export async function endSessionsOf(
  db: Tx,
  userId: number,
  reason: EndReason,
  but: number | null = null,
): Promise<{ session_version: number; ended: number }> {
  const [person] = await db.$queryRaw<{ session_version: number }[]>`
    UPDATE users SET session_version = session_version + 1 WHERE id = ${userId} RETURNING session_version`;
  if (!person) throw new AppError("NOT_FOUND", "There is no such person.");
  const ended = await db.$executeRaw`
    UPDATE sessions SET ended_at = now(), end_reason = ${reason}
    WHERE user_id = ${userId} AND ended_at IS NULL AND id IS DISTINCT FROM ${but}::int`;
  return { session_version: person.session_version, ended };
}

/**
 * Ends the sessions of a person that one means has begun, and what is about to begin by any, in a transaction of `account` that is
 * bound to them.
 * @param but the id of a session that goes on: that of whoever asks for it
 */
export async function endSessionsBegunBy(
  db: Tx,
  userId: number,
  proof: SessionProof,
  but: number | null = null,
): Promise<void> {
  await db.$executeRaw`UPDATE users SET session_version = session_version + 1 WHERE id = ${userId}`;
  await db.$executeRaw`
    UPDATE sessions SET ended_at = now(), end_reason = ${"ended_by_person" satisfies EndReason}
    WHERE user_id = ${userId} AND proof = ${proof} AND ended_at IS NULL AND id IS DISTINCT FROM ${but}::int`;
}

/**
 * Ends every session of a person, for administrators.
 * @returns how many ended
 * @throws AppError NOT_FOUND
 */
export async function endAllSessions(userId: number): Promise<number> {
  const { ended } = await transaction({ as: "identity" }, (db) => endSessionsOf(db, userId, "administrator"));
  await recordSecurityEvent({
    ...ofPerson(userId),
    action: "session.ended",
    by: null,
    details: { sessions: ended, reason: "administrator" satisfies EndReason },
  });
  return ended;
}
