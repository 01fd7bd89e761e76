import type { Refusal } from "./refusal.ts";

/** What a request asks for. */
export interface Asked {
  /** Path and query, as the client wrote them. */
  url: string;
  /** The path alone, decoded. */
  path: string;
  /** Whom the client asks, where the target itself says so. */
  authority: string | null;
}

/**
 * Reads the target of a request (RFC 9112, section 3.2): a path with or without a query, or a whole address, whose host
 * goes before the header `Host`. What is neither, cannot be decoded, or asks for a method that nothing answers is the
 * client's mistake; Next.js would answer it with a 500. So is NUL, which no text of ours can have.
 */
export function readTarget(
  method: string | undefined,
  target: string | undefined,
): Asked | { refusal: Refusal } {
  if (method === "TRACE" || method === "TRACK") {
    return {
      refusal: {
        code: "METHOD_NOT_ALLOWED",
        detail: `${method} is not answered here.`,
        headers: { Allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" },
      },
    };
  }
  const [, authority = null, rest = ""] = /^(?:https?:\/\/([^/?#]*))?(.*)$/is.exec(target ?? "") ?? [];
  const url = authority !== null && !rest.startsWith("/") ? `/${rest}` : rest;
  if (!url.startsWith("/")) return malformed("The request's target is no path, which begins with a slash.");
  if (/%00/.test(url)) return malformed("The URL contains a character that no text can have (NUL).");
  try {
    return { url, path: decodeURIComponent(url.split("?")[0] ?? "/"), authority };
  } catch {
    return malformed(
      "The URL has a percent sign that is not followed by two hexadecimal digits of valid UTF-8.",
    );
  }
}

function malformed(detail: string): { refusal: Refusal } {
  return { refusal: { code: "MALFORMED_REQUEST", detail } };
}
