import type { IncomingMessage, ServerResponse } from "node:http";
import { log } from "#lib/log";
import { observeRequest } from "#lib/metrics";
import type { RequestContext } from "#lib/request-context";

export interface AccessLog {
  /** As which level a request is logged that did not fail; `silent`: none is logged. */
  level: "debug" | "info" | "silent";
  /** Beginnings of paths of which no request is logged. They are counted all the same. */
  exclude: readonly string[];
}

/** As nginx has it: the client went away before it was answered. */
const clientGone = 499;

/** Whether it is a request of which anybody wants to hear: no probe, no file of the build. */
export function isLogged({ url }: IncomingMessage, exclude: readonly string[]): boolean {
  const path = url?.split("?")[0] ?? "/";
  return !exclude.some((start) => path.startsWith(start));
}

/**
 * Counts a request once the head of its answer is sent, and logs it once all of it is: one line, with the route's pattern
 * in place of the address, since addresses have values in them.
 * @param routeOf names the route of a request that its handler has not named
 * @returns to be called as the head goes out
 */
export function recordAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  context: RequestContext,
  routeOf: () => string,
  { level, exclude }: AccessLog,
): () => void {
  const began = performance.now();
  const method = request.method ?? "GET";
  const logs = isLogged(request, exclude);
  const elapsed = () => performance.now() - began;
  const observe = (status: number) => {
    context.route ??= routeOf();
    observeRequest({ method, route: context.route, status }, elapsed() / 1_000);
  };
  let sent = false;
  response.once("close", () => {
    const status = sent ? response.statusCode : clientGone;
    if (!sent) observe(status);
    if (level === "silent" || !logs) return;
    const { route, request_id, address, tenant_id, user_id, token_id } = context;
    const fields = {
      method,
      route,
      status,
      duration_ms: Math.round(elapsed()),
      ...(sent && !response.writableFinished ? { aborted: true } : {}),
      request_id,
      address,
      tenant_id,
      user_id,
      token_id,
    };
    log[status === 503 ? "warn" : status >= 500 ? "error" : level](fields, "request");
  });
  return () => {
    if (sent) return;
    sent = true;
    observe(response.statusCode);
  };
}
