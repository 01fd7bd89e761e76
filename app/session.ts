import { cookies, headers } from "next/headers";
import { cache } from "react";
import { type CurrentUser, currentUser } from "#lib/access/current-user";
import { endSession } from "#lib/access/sessions";
import { beginSignIn, finishSignIn, type SignedInUser } from "#lib/access/sign-in";
import { clientOf } from "#lib/http/client-address";
import { type EntraIntent, intentCookie, sealIntent } from "./entra-intent.ts";
import { pendingCookie, pendingIn } from "./pending-cookie.ts";
import { sealSession, sessionCookie, sessionTicket, startSession } from "./session-cookie.ts";

/** The signed-in user as the database knows them now, or null. Asked once a request, however often it is called. */
export const sessionUser = cache(async (): Promise<CurrentUser | null> => {
  const sent = await headers();
  const ticket = await sessionTicket(sent);
  return ticket && currentUser(ticket, { address: clientOf(sent) });
});

/**
 * Signs in with a password, for the sign-in page's server action (which works before scripts have loaded). It makes the
 * very session that `POST /api/auth/callback/credentials` makes.
 * @returns `code` when the person's code is asked for now, for which the browser keeps a ticket; `refused` when email and
 * password do not fit
 * @throws AppError TOO_MANY_ATTEMPTS
 */
export async function signInHere(credentials: {
  email: string;
  password: string;
}): Promise<"signed_in" | "code" | "refused"> {
  const begun = await beginSignIn(credentials, clientOf(await headers()));
  if (!begun) return "refused";
  if ("pending" in begun) {
    const { name, options } = pendingCookie();
    (await cookies()).set(name, begun.pending, options);
    return "code";
  }
  await keepSession(begun.person);
  return "signed_in";
}

/**
 * Signs in with the code, after the password.
 * @returns whether it was right
 * @throws AppError UNAUTHENTICATED when the password has to be entered again; TOO_MANY_ATTEMPTS
 */
export async function enterCodeHere(code: string): Promise<boolean> {
  const sent = await headers();
  const person = await finishSignIn(pendingIn(sent) ?? "", code, clientOf(sent));
  if (!person) return false;
  await keepSession(person);
  const { name, options } = pendingCookie();
  (await cookies()).set(name, "", { ...options, maxAge: 0 });
  return true;
}

/** Gives the browser a new session of a person who has proven who they are, and after a change of the password. */
export async function keepSession(person: SignedInUser): Promise<void> {
  const { name, options } = sessionCookie();
  (await cookies()).set(name, await sealSession(await startSession(person, await headers())), options);
}

/** Has the browser remember what its person wants at Microsoft, until they are back. */
export async function keepIntent(intent: EntraIntent): Promise<void> {
  const { name, options } = intentCookie();
  (await cookies()).set(name, await sealIntent(intent), options);
}

/** Signs out, for a server action. */
export async function signOutHere(): Promise<void> {
  const ticket = await sessionTicket(await headers());
  if (ticket) await endSession(ticket, "sign_out");
  const { name, options } = sessionCookie();
  (await cookies()).set(name, "", { ...options, maxAge: 0 });
}
