import type { NextAuthOptions } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import { entraSettings } from "#lib/access/entra";
import { endSession } from "#lib/access/sessions";
import { CodeRequired, type SignedInUser, signIn } from "#lib/access/sign-in";
import { AppError } from "#lib/errors";
import { clientOf } from "#lib/http/client-address";
import { sessionHours } from "#lib/limits";
import { log } from "#lib/log";
import { enterByEntra, entraProvider } from "./entra.ts";
import { sealingSecret, sessionCookie, startSession, ticketIn } from "./session-cookie.ts";

/**
 * next-auth as TenantPilot uses it: it proves who somebody is, by email and password or by Entra ID, and carries the cookie. The session
 * itself is a row of the database, which decides whether it goes on. Roles are never in it; each operation looks them up.
 * @param headers of the request that is answered
 * @param refused hears why a password was not even looked at, or does not do: next-auth passes on no more than a code
 */
export function authOptions(
  headers: Pick<Headers, "get">,
  refused?: (why: AppError) => void,
): NextAuthOptions {
  const entra = entraSettings();
  /** Whom Entra has vouched for in this request. */
  let vouchedFor: SignedInUser | undefined;
  return {
    secret: sealingSecret(),
    session: { strategy: "jwt", maxAge: sessionHours * 3_600 },
    pages: { signIn: "/sign-in", signOut: "/sign-in", error: "/sign-in" },
    // Its own writes raw text, of several lines, and with what a request brought.
    logger: {
      error: (code, details) =>
        log.warn(
          details instanceof Error ? { code, err: details } : { code, err: details.error, details },
          "next-auth: a request failed",
        ),
      warn: (code) => log.warn({ code }, "next-auth"),
      // The details have tokens and secrets in them.
      debug: (code) => log.debug({ code }, "next-auth"),
    },
    cookies: { sessionToken: sessionCookie() },
    providers: [
      CredentialsProvider({
        credentials: {
          email: { label: "Email", type: "email" },
          password: { label: "Password", type: "password" },
          code: { label: "Code, of accounts with two-step sign-in", type: "text" },
        },
        async authorize(credentials) {
          try {
            const user = await signIn(credentials, clientOf(headers));
            return user && { id: String(user.id), version: user.session_version };
          } catch (error) {
            if (error instanceof AppError) refused?.(error);
            // next-auth hands this message to the sign-in page as `error`: a code, and nothing of the inside.
            if (error instanceof CodeRequired) throw new Error("CODE_REQUIRED", { cause: error });
            throw new Error(error instanceof AppError ? error.code : "INTERNAL", { cause: error });
          }
        },
      }),
      ...(entra ? [entraProvider(entra)] : []),
    ],
    callbacks: {
      async signIn({ account, profile }) {
        if (!entra || account?.provider !== "entra") return account?.provider === "credentials";
        const entered = await enterByEntra(profile, entra, headers);
        if (typeof entered === "string") return entered;
        vouchedFor = entered;
        return true;
      },
      async jwt({ token, user, account }) {
        if (account?.provider === "entra") {
          if (!vouchedFor) throw new Error("Entra vouched for nobody");
          return startSession(vouchedFor, headers, "entra");
        }
        return user && "version" in user
          ? startSession({ id: Number(user.id), session_version: Number(user.version) }, headers)
          : token;
      },
    },
    events: {
      async signOut({ token }) {
        const ticket = ticketIn(token);
        if (ticket) await endSession(ticket, "sign_out");
      },
    },
  };
}
