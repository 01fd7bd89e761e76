import type { Actor } from "#lib/access/actor";
import { currentUser, mustChangePassword } from "#lib/access/sign-in";
import { AppError } from "#lib/errors";
import { clientOf } from "#lib/http/client-address";
import { requireSameOrigin } from "#lib/http/same-origin";
import { authenticateToken } from "#lib/tokens/authenticate";
import { openSession, sessionCookie } from "../auth.ts";

/**
 * Who sends a request: the bearer token when there is one, else the signed-in user of the session cookie, whose
 * requests must come from our own pages when they change something.
 * @throws AppError UNAUTHENTICATED; CROSS_SITE_REQUEST; FORBIDDEN while the password is the one that was made for them
 */
export async function requestActor(request: Request): Promise<Actor> {
  const authorization = request.headers.get("authorization");
  if (authorization !== null) return authenticateToken(bearerToken(authorization), clientOf(request.headers));
  const session = await openSession(cookieOf(request, sessionCookie().name));
  if (session === null)
    throw new AppError("UNAUTHENTICATED", "Sign in, or send the header Authorization: Bearer <token>.");
  requireSameOrigin(request);
  const user = await currentUser(session);
  if (!user) throw new AppError("UNAUTHENTICATED", "Your session has ended. Sign in again.");
  if (user.password_is_initial) throw mustChangePassword();
  return { kind: "user", user_id: session.user_id };
}

/** RFC 6750, section 2.1. */
function bearerToken(authorization: string): string {
  const token = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization)?.[1];
  if (!token) throw new AppError("UNAUTHENTICATED", "The Authorization header must be: Bearer <token>.");
  return token;
}

function cookieOf(request: Request, name: string): string | undefined {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
