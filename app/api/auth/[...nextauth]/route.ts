import type { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { authOptions } from "#app/auth.ts";
import { sessionTicket } from "#app/session-cookie.ts";
import { currentUser } from "#lib/access/current-user";
import { answerRequest } from "#lib/http/endpoint";
import { requireReadable } from "./readable.ts";

/** next-auth's own endpoints: csrf, callback/credentials, signout; and `session`. */
function handler(
  request: NextRequest,
  context: { params: Promise<{ nextauth: string[] }> },
): Promise<Response> {
  return answerRequest(request, "/auth", async () => {
    const { nextauth } = await context.params;
    await requireReadable(request, nextauth);
    if (nextauth[0] === "session") return answerSession(request);
    return (await NextAuth(request, context, authOptions(request.headers))) as Response;
  });
}

/** In next-auth's place, which would write the cookie anew with a later end: asking for a session is not using it. */
async function answerSession({ headers }: Request): Promise<Response> {
  const ticket = await sessionTicket(headers);
  const user = ticket && (await currentUser(ticket, null));
  return Response.json(user ? { expires: user.session.ends_at.toISOString() } : {});
}

export { handler as GET, handler as POST };
