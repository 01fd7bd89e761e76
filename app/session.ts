import { cookies, headers } from "next/headers";
import { cache } from "react";
import { type CurrentUser, currentUser, type SignedInUser, signIn } from "#lib/access/sign-in";
import { clientOf } from "#lib/http/client-address";
import { openSession, sealSession, sessionCookie } from "./auth.ts";

/** The signed-in user as the database knows them now, or null. Asked once a request, however often it is called. */
export const sessionUser = cache(async (): Promise<CurrentUser | null> => {
  const session = await openSession((await cookies()).get(sessionCookie().name)?.value);
  return session && currentUser(session);
});

/**
 * Signs in, for the sign-in page's server action (which works before scripts have loaded). It makes the very
 * session that `POST /api/auth/callback/credentials` makes.
 * @returns false when email and password do not fit
 * @throws AppError TOO_MANY_ATTEMPTS
 */
export async function startSession(credentials: { email: string; password: string }): Promise<boolean> {
  const user = await signIn(credentials, await requestClient());
  if (!user) return false;
  await keepSession(user);
  return true;
}

/** The IP address of the client whose request a page or server action answers; null when it is not known. */
export async function requestClient(): Promise<string | null> {
  return clientOf(await headers());
}

/** Gives the browser a new session of this user: after signing in, and after a change of the password. */
export async function keepSession(user: SignedInUser): Promise<void> {
  const { name, options } = sessionCookie();
  (await cookies()).set(name, await sealSession(user), options);
}

/** Signs out, for a server action. */
export async function endSession(): Promise<void> {
  const { name, options } = sessionCookie();
  (await cookies()).set(name, "", { ...options, maxAge: 0 });
}
