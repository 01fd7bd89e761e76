import { failedBecause, GraphError, type HeaderMap, reasonOf } from "./errors.ts";
import { parseExactly } from "./exact-number.ts";

/** One HTTP answer, read whole. */
export interface Answer {
  status: number;
  headers: HeaderMap;
  /** Parsed JSON; undefined when the body of an error answer was not JSON, or a good one may be empty and is. */
  body: unknown;
}

export interface ExchangeLimits {
  /** For the whole exchange, body included; milliseconds. */
  timeoutMs: number;
  /** After decompression; bytes. */
  maxBodyBytes: number;
}

/**
 * Sends one request and reads the answer as JSON. Follows no redirect, so that the token stays with the host.
 * @throws GraphError GRAPH_UNAVAILABLE (retryable) when there is no whole answer in time, or a 2xx that is no
 *   JSON; INCOMPLETE_CAPTURE when the answer is larger than the limit; the signal's reason when aborted
 */
export async function exchange(
  url: string,
  init: {
    method: "GET" | "POST" | "PATCH" | "PUT";
    headers: Record<string, string>;
    body?: string;
    /** A good answer may have no body at all. */
    mayBeEmpty?: true;
  },
  limits: ExchangeLimits,
  what: string,
  signal: AbortSignal,
): Promise<Answer> {
  const { mayBeEmpty, ...request } = init;
  signal.throwIfAborted();
  // Not AbortSignal.any: one signal lives as long as a run of 100,000 requests.
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    controller.abort();
  }, limits.timeoutMs);
  try {
    const response = await fetch(url, { ...request, redirect: "manual", signal: controller.signal });
    const headers = Object.fromEntries(response.headers) as HeaderMap;
    const text = await readText(response, limits.maxBodyBytes, what);
    const isEmpty = mayBeEmpty === true && response.ok && text === "";
    return {
      status: response.status,
      headers,
      body: isEmpty ? undefined : parse(text, response, headers, what),
    };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof GraphError) throw error;
    if (timedOut) {
      const seconds = Math.round(limits.timeoutMs / 1000);
      throw new GraphError("GRAPH_UNAVAILABLE", `Graph did not answer within ${seconds} s for ${what}.`, {
        retryable: true,
        timedOut: true,
      });
    }
    throw new GraphError(
      "GRAPH_UNAVAILABLE",
      `The connection to Graph for ${what} ${failedBecause(reasonOf(error))}`,
      { retryable: true },
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    controller.abort();
  }
}

async function readText(response: Response, maxBytes: number, what: string): Promise<string> {
  if (!response.body) return "";
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      const megabytes = Math.round(maxBytes / 2 ** 20);
      throw new GraphError(
        "INCOMPLETE_CAPTURE",
        `Graph's answer for ${what} is larger than ${megabytes} MB; it was not read to its end.`,
        { status: response.status, tooLarge: true },
      );
    }
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join("");
}

function parse(text: string, response: Response, headers: HeaderMap, what: string): unknown {
  try {
    return parseExactly(text);
  } catch {
    if (!response.ok) return undefined;
    throw new GraphError("GRAPH_UNAVAILABLE", `Graph's answer for ${what} is not valid JSON.`, {
      status: response.status,
      requestId: headers["request-id"] ?? null,
      retryable: true,
    });
  }
}
