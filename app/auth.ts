import type { NextAuthOptions } from "next-auth";
import { decode, encode } from "next-auth/jwt";
import CredentialsProvider from "next-auth/providers/credentials";
import { type SignedInUser, signIn } from "#lib/access/sign-in";
import { AppError } from "#lib/errors";
import { clientOf } from "#lib/http/client-address";
import { sessionHours } from "#lib/limits";
import { log } from "#lib/log";

const sessionSeconds = sessionHours * 3_600;

/**
 * next-auth as TenantPilot uses it: email and password, and a session that is an encrypted cookie holding the
 * user's id and the version of their sessions, which a new password raises. Roles are never in it; each operation
 * looks them up.
 */
export function authOptions(): NextAuthOptions {
  return {
    secret: sessionSecret(),
    session: { strategy: "jwt", maxAge: sessionSeconds },
    pages: { signIn: "/sign-in", signOut: "/sign-in", error: "/sign-in" },
    // Its own writes raw text, of several lines, and with what a request brought.
    logger: {
      error: (code, details) =>
        log.warn(
          details instanceof Error ? { code, err: details } : { code, err: details.error, details },
          "next-auth: a request failed",
        ),
      warn: (code) => log.warn({ code }, "next-auth"),
      debug: (code, details) => log.debug({ code, details }, "next-auth"),
    },
    cookies: { sessionToken: sessionCookie() },
    providers: [
      CredentialsProvider({
        credentials: {
          email: { label: "Email", type: "email" },
          password: { label: "Password", type: "password" },
        },
        async authorize(credentials, { headers }) {
          try {
            const user = await signIn(credentials, clientOf(new Headers(headers)));
            return user && { id: String(user.id), version: user.session_version };
          } catch (error) {
            // next-auth hands this message to the sign-in page as `error`: a code, and nothing of the inside.
            throw new Error(error instanceof AppError ? error.code : "INTERNAL", { cause: error });
          }
        },
      }),
    ],
    callbacks: {
      jwt: ({ token, user }) =>
        user && "version" in user
          ? sessionClaims({ id: Number(user.id), session_version: Number(user.version) })
          : // next-auth writes the cookie anew whenever it is asked for the session: the end stays where it was.
            { sub: token.sub, version: token.version, ends_at: token.ends_at ?? token.exp },
      session: ({ session }) => ({ expires: session.expires }),
    },
  };
}

/**
 * The session cookie: out of reach for scripts, not sent along by other sites, and with https for https only
 * (NEXTAUTH_URL says which it is). The name's prefix makes browsers insist: for this very host, and no name below or above.
 */
export function sessionCookie() {
  const secure = process.env.NEXTAUTH_URL?.startsWith("https://") ?? false;
  return {
    name: `${secure ? "__Host-" : ""}next-auth.session-token`,
    options: { httpOnly: true, sameSite: "lax" as const, path: "/", secure, maxAge: sessionSeconds },
  };
}

/** The session cookie's value for a user whose password was checked. */
export function sealSession(user: Pick<SignedInUser, "id" | "session_version">): Promise<string> {
  return encode({
    token: sessionClaims(user),
    secret: sessionSecret(),
    maxAge: sessionSeconds,
  });
}

function sessionClaims(user: Pick<SignedInUser, "id" | "session_version">) {
  const ends_at = Math.floor(Date.now() / 1000) + sessionSeconds;
  return { sub: String(user.id), version: user.session_version, ends_at };
}

/** Whom a session cookie's value names, and with which version; null when it is missing, expired, or not ours. */
export async function openSession(
  value: string | undefined,
): Promise<{ user_id: number; version: number } | null> {
  if (!value) return null;
  const token = await decode({ token: value, secret: sessionSecret() }).catch(() => null);
  if (typeof token?.ends_at === "number" && token.ends_at * 1000 <= Date.now()) return null;
  const user_id = Number(token?.sub);
  // Sessions from before there were versions are of the first.
  const version = Number(token?.version ?? 1);
  return Number.isSafeInteger(user_id) && user_id > 0 && Number.isSafeInteger(version)
    ? { user_id, version }
    : null;
}

function sessionSecret(): string {
  const secret = process.env.NEXTAUTH_SECRET;
  if (!secret) throw new Error("NEXTAUTH_SECRET is not set; make one with: openssl rand -base64 32");
  return secret;
}
