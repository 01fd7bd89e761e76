import { answerRequest } from "#lib/http/endpoint";
import { notFound } from "#lib/http/problem";

/** Every address below /api that is not ours. */
function handler(request: Request): Promise<Response> {
  return answerRequest(request, "unknown", () => {
    throw notFound();
  });
}

export {
  handler as DELETE,
  handler as GET,
  handler as OPTIONS,
  handler as PATCH,
  handler as POST,
  handler as PUT,
};
