import { decode, encode } from "next-auth/jwt";
import { deviceOf } from "#lib/access/device";
import {
  beginSession,
  endSession,
  type SessionClient,
  type SessionProof,
  type SessionTicket,
} from "#lib/access/sessions";
import type { SignedInUser } from "#lib/access/sign-in";
import { clientOf } from "#lib/http/client-address";
import { sessionHours } from "#lib/limits";

const sessionSeconds = sessionHours * 3_600;

/**
 * The session cookie: out of reach for scripts, not sent along by other sites, and with https for https only
 * (NEXTAUTH_URL says which it is). The name's prefix makes browsers insist: for this very host, and no name below or above.
 */
export function sessionCookie() {
  const secure = URL.parse(process.env.NEXTAUTH_URL ?? "")?.protocol === "https:";
  return {
    name: `${secure ? "__Host-" : ""}next-auth.session-token`,
    options: { httpOnly: true, sameSite: "lax" as const, path: "/", secure, maxAge: sessionSeconds },
  };
}

/**
 * A session begins here, whatever proved who the person is: a password, or somebody who vouches for them. The one that the
 * browser had until now ends.
 * @param person as they were when they proved it
 * @param headers of the request
 * @param proof by which means
 * @returns what the cookie seals
 * @throws AppError UNAUTHENTICATED when all their sessions were ended meanwhile, or the account is disabled
 */
export async function startSession(
  person: Pick<SignedInUser, "id" | "session_version">,
  headers: Pick<Headers, "get">,
  proof: SessionProof = "password",
): Promise<SealedSession> {
  const before = await sessionTicket(headers);
  const { user_id, secret } = await beginSession(person, clientIn(headers), proof);
  if (before) await endSession(before, "signed_in_again");
  return { sub: String(user_id), secret };
}

/** What is in the cookie. */
interface SealedSession extends Record<string, unknown> {
  sub: string;
  secret: string;
}

/**
 * The value of the session cookie. It is sealed as next-auth seals it, with NEXTAUTH_SECRET: what is no cookie of ours costs
 * no look at the database, and neither the key nor a copy of the database is enough to make a session.
 */
export function sealSession(session: SealedSession): Promise<string> {
  return encode({ token: session, secret: sealingSecret(), maxAge: sessionSeconds });
}

/** The session that a request's cookie is of; null when there is none, or it is not ours. Whether it goes on, the database says. */
export async function sessionTicket(headers: Pick<Headers, "get">): Promise<SessionTicket | null> {
  const value = cookieIn(headers, sessionCookie().name);
  if (!value) return null;
  return ticketIn(await decode({ token: value, secret: sealingSecret() }).catch(() => null));
}

/** The ticket in an opened cookie. */
export function ticketIn(opened: Record<string, unknown> | null): SessionTicket | null {
  const user_id = Number(opened?.sub);
  const secret = opened?.secret;
  return Number.isSafeInteger(user_id) && user_id > 0 && typeof secret === "string"
    ? { user_id, secret }
    : null;
}

export function sealingSecret(): string {
  const secret = process.env.NEXTAUTH_SECRET;
  if (!secret) throw new Error("NEXTAUTH_SECRET is not set; make one with: openssl rand -base64 32");
  return secret;
}

function clientIn(headers: Pick<Headers, "get">): SessionClient {
  return { address: clientOf(headers), device: deviceOf(headers.get("user-agent")) };
}

/** The value of a cookie of a request. */
export function cookieIn(headers: Pick<Headers, "get">, name: string): string | undefined {
  const pairs = (headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
