import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { AppError, type ErrorCode, toProblem } from "#lib/errors";
import { currentRequest } from "#lib/request-context";

/** Why a request goes no further than the web server. */
export interface Refusal {
  code: ErrorCode;
  detail: string;
  headers?: Record<string, string>;
}

/**
 * Writes the whole answer to a refused request, as the API writes its problems, and leaves it to the caller to end it.
 */
export function writeRefusal(response: ServerResponse, { code, detail, headers = {} }: Refusal): void {
  const requestId = currentRequest()?.request_id ?? randomUUID();
  const problem = toProblem(new AppError(code, detail));
  const body = JSON.stringify({ ...problem, request_id: requestId });
  response.writeHead(problem.status, {
    "Content-Type": "application/problem+json",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    "X-Request-Id": requestId,
    ...headers,
  });
  response.write(body);
}
