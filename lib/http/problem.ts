import { AppError, toProblem } from "#lib/errors";
import { log } from "#lib/log";
import { retryAfterSeconds } from "./retry-after.ts";

const retryAfter: Readonly<Record<number, string>> = retryAfterSeconds;

/**
 * The answer to a request that failed: `application/problem+json` (RFC 9457). What nobody foresaw is logged
 * under the request's id, and the answer tells that id and nothing of the inside.
 */
export function problemResponse(
  error: unknown,
  requestId: string,
  headers: Record<string, string> = {},
): Response {
  const problem = toProblem(error);
  if (problem.status === 500) log.error({ err: error, request_id: requestId }, "request failed");
  if (problem.status === 503 && error instanceof AppError && error.cause)
    log.warn({ err: error.cause, request_id: requestId }, "request refused: not available");
  return new Response(JSON.stringify({ ...problem, request_id: requestId }), {
    status: problem.status,
    headers: {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      ...(problem.status === 401 ? { "WWW-Authenticate": 'Bearer realm="TenantPilot"' } : {}),
      ...(retryAfter[problem.status] ? { "Retry-After": retryAfter[problem.status] } : {}),
      ...(error instanceof AppError ? error.headers : {}),
      ...headers,
    },
  });
}

/** An error for a request that cannot be read at all (400). */
export function malformed(message: string): AppError {
  return new AppError("MALFORMED_REQUEST", message);
}

/** The answer for an address that is not there. An id that cannot exist is no different from one that does not. */
export function notFound(
  message = "There is nothing at this address. The routes are listed at /api/docs.",
): AppError {
  return new AppError("NOT_FOUND", message);
}
