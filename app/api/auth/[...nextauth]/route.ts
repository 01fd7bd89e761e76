import type { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { authOptions } from "#app/auth.ts";
import { answerRequest } from "#lib/http/endpoint";
import { requireReadable } from "./readable.ts";

/** next-auth's own endpoints: csrf, callback/credentials, session, signout. */
function handler(
  request: NextRequest,
  context: { params: Promise<{ nextauth: string[] }> },
): Promise<Response> {
  return answerRequest(request, "/auth", async () => {
    await requireReadable(request, (await context.params).nextauth);
    return (await NextAuth(request, context, authOptions())) as Response;
  });
}

export { handler as GET, handler as POST };
