import type { Refusal } from "./refusal.ts";

/** The part of a URL before its query, decoded; or why the request goes no further. */
export type Target = { path: string } | { refusal: Refusal };

/**
 * Reads what a request asks for. Two things that Next.js answers with a 500 before any route is asked, a URL that cannot
 * be decoded and the method TRACE, are the client's mistake.
 */
export function readTarget(method: string | undefined, url: string | undefined): Target {
  if (method === "TRACE" || method === "TRACK") {
    return {
      refusal: {
        code: "METHOD_NOT_ALLOWED",
        detail: `${method} is not answered here.`,
        headers: { Allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" },
      },
    };
  }
  try {
    return { path: decodeURIComponent((url ?? "/").split("?")[0] ?? "/") };
  } catch {
    return malformed(
      "The URL has a percent sign that is not followed by two hexadecimal digits of valid UTF-8.",
    );
  }
}

function malformed(detail: string): Target {
  return { refusal: { code: "MALFORMED_REQUEST", detail } };
}
