import { transaction } from "#lib/db/transaction";
import { env } from "#lib/env";
import type { Actor } from "./actor.ts";
import { defaultPreferences, type Preferences } from "./preferences-schema.ts";
import { hashToken } from "./secret-token.ts";
import type { SessionProof, SessionTicket } from "./sessions.ts";
import type { SignedInUser } from "./sign-in.ts";
import { type FirstDuty, firstDutyOf, usesPassword } from "./sign-in-rules.ts";

/** A person as pages know them. */
export interface CurrentUser extends Omit<SignedInUser, "session_version"> {
  /** What they have to do before anything else; null when nothing. */
  first_duty: FirstDuty | null;
  /** They have a password that they know, and may sign in with it. */
  uses_password: boolean;
  /** They look after the installation. */
  is_platform_admin: boolean;
  preferences: Preferences;
  session: { id: number; client: string | null; ends_at: Date };
}

/** They as who asks for something. */
export function actorOf({ id, session }: CurrentUser): Actor & { kind: "user" } {
  return { kind: "user", user_id: id, session: { id: session.id, client: session.client } };
}

/**
 * The person behind a session, as they are now. The database decides whether it goes on: it has not been ended, its end
 * has not come, it was used within `SESSION_IDLE_MINUTES`, and the account is not disabled.
 * @param seen notes that the person was there, at most once a minute, and from which IP address; null for what happens
 * without them, such as a stream that goes on
 * @returns null when the session has ended
 */
export async function currentUser(
  ticket: SessionTicket,
  seen: { address: string | null } | null,
): Promise<CurrentUser | null> {
  const [user] = await transaction(
    { as: "account", user_id: ticket.user_id },
    (db) => db.$queryRaw<Found[]>`
      SELECT u.id, u.email, u.name, u.password_is_initial, u.has_password, u.is_platform_admin, p.time_zone, p.hour_clock, p.shortcuts_enabled,
             p.muted_notifications,
             EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
               AS has_second_factor,
             s.id AS session_id, s.proof, s.ends_at, s.last_seen_at <= now() - interval '1 minute' AS is_due
      FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN user_preferences p ON p.user_id = u.id
      WHERE s.secret_hash = ${hashToken(ticket.secret)} AND s.user_id = ${ticket.user_id}
        AND s.ended_at IS NULL AND s.ends_at > now()
        AND s.last_seen_at > now() - ${env().SESSION_IDLE_MINUTES} * interval '1 minute'
        AND u.disabled_at IS NULL`,
    { readOnly: true },
  );
  if (!user) return null;
  if (seen && user.is_due) await noteSeen(user.id, user.session_id, seen.address);
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    first_duty: firstDutyOf(user),
    uses_password: usesPassword(user),
    is_platform_admin: user.is_platform_admin,
    preferences: {
      time_zone: user.time_zone,
      hour_clock: user.hour_clock ?? defaultPreferences.hour_clock,
      shortcuts_enabled: user.shortcuts_enabled ?? defaultPreferences.shortcuts_enabled,
      muted_notifications: user.muted_notifications ?? defaultPreferences.muted_notifications,
    },
    session: { id: user.session_id, client: seen?.address ?? null, ends_at: user.ends_at },
  };
}

type Found = Pick<SignedInUser, "id" | "email" | "name"> & {
  password_is_initial: boolean;
  has_password: boolean;
  has_second_factor: boolean;
  is_platform_admin: boolean;
  proof: SessionProof;
  session_id: number;
  ends_at: Date;
  is_due: boolean;
} & { [name in keyof Preferences]: Preferences[name] | null };

/** Said twice that a minute has passed: of many requests at once, one writes. */
async function noteSeen(userId: number, sessionId: number, address: string | null): Promise<void> {
  await transaction(
    { as: "account", user_id: userId },
    (db) => db.$executeRaw`
      UPDATE sessions SET last_seen_at = now(), address = coalesce(${address}, address)
      WHERE id = ${sessionId} AND ended_at IS NULL AND last_seen_at <= now() - interval '1 minute'`,
  );
}
