import type { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { authOptions } from "#app/auth.ts";
import { sessionTicket } from "#app/session-cookie.ts";
import { currentUser } from "#lib/access/current-user";
import type { AppError } from "#lib/errors";
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
    let refusal: AppError | undefined;
    const options = authOptions(request.headers, (why) => {
      refusal = why;
    });
    const answer = (await NextAuth(request, context, options)) as Response;
    // next-auth would send a client that guesses on to the sign-in page: it is to hear when to come again.
    if (refusal?.code === "TOO_MANY_ATTEMPTS") throw refusal;
    return answer;
  });
}

/** In next-auth's place, which would write the cookie anew with a later end: asking for a session is not using it. */
async function answerSession({ headers }: Request): Promise<Response> {
  const ticket = await sessionTicket(headers);
  const user = ticket && (await currentUser(ticket, null));
  if (!user) return Response.json({});
  const { name, email } = user;
  return Response.json({ user: { name, email }, expires: user.session.ends_at.toISOString() });
}

export { handler as GET, handler as POST };
