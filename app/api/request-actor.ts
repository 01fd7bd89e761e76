import type { Actor } from "#lib/access/actor";
import { actorOf, currentUser } from "#lib/access/current-user";
import { firstDutyRefusal } from "#lib/access/sign-in-rules";
import { recordSecurityEvent } from "#lib/audit/security";
import { AppError } from "#lib/errors";
import { clientOf } from "#lib/http/client-address";
import { requireSameOrigin } from "#lib/http/same-origin";
import { authenticateToken } from "#lib/tokens/authenticate";
import { sessionTicket } from "../session-cookie.ts";

/**
 * Who sends a request: the bearer token when there is one, else the signed-in user of the session cookie, whose
 * requests must come from our own pages when they change something.
 * @throws AppError UNAUTHENTICATED; CROSS_SITE_REQUEST; FORBIDDEN while they have to choose a password, or to set up a second step, first
 */
export async function requestActor(request: Request): Promise<Actor> {
  const { headers } = request;
  const authorization = headers.get("authorization");
  if (authorization !== null) return authenticateToken(bearerToken(authorization), clientOf(headers));
  const ticket = await sessionTicket(headers);
  if (ticket === null)
    throw new AppError("UNAUTHENTICATED", "Sign in, or send the header Authorization: Bearer <token>.");
  try {
    requireSameOrigin(request);
  } catch (error) {
    // Whose session it would have been is not looked up for it: the cookie says it, sealed by us.
    const by = { kind: "user", id: ticket.user_id } as const;
    await recordSecurityEvent({ action: "access.cross_site", in: "platform", by });
    throw error;
  }
  // An open page's stream goes on, and comes again, without anybody there.
  const isStream = headers.get("accept") === "text/event-stream";
  const user = await currentUser(ticket, isStream ? null : { address: clientOf(headers) });
  if (!user) throw new AppError("UNAUTHENTICATED", "Your session has ended. Sign in again.");
  if (user.first_duty) throw await firstDutyRefusal(user.first_duty, user.id);
  return actorOf(user);
}

/** RFC 6750, section 2.1. */
function bearerToken(authorization: string): string {
  const token = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization)?.[1];
  if (!token) throw new AppError("UNAUTHENTICATED", "The Authorization header must be: Bearer <token>.");
  return token;
}
