import { createHash } from "node:crypto";
import { AppError } from "#lib/errors";
import type { CallTerms } from "#lib/operation";
import { malformed } from "./problem.ts";

// Conditional requests (RFC 9110, section 13).

/**
 * The ETag of an answer: the version, which counts what people change and by which If-Match goes, and a hash of the whole
 * body, since some of it (when the schedule ran last) changes while the version stays.
 */
export function entityTag(version: number, body: string): string {
  return `"${version}-${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`;
}

/** The version that a strong tag names, with or without the hash behind it; null for any other tag. */
function versionOf(tag: string): number | null {
  const [, version] = /^"(\d{1,9})(?:-[0-9a-f]{16})?"$/.exec(tag) ?? [];
  return version === undefined ? null : Number(version);
}

/**
 * What If-Match asks of the operation: that the version it acts upon is one of those named; `*` is any.
 * @returns nothing to ask without the header
 * @throws AppError MALFORMED_REQUEST
 */
export function requireIfMatch(headers: Headers): Pick<CallTerms, "requireVersion"> {
  const named = entityTagsOf(headers, "If-Match");
  if (named === null || named === "*") return {};
  return {
    requireVersion(version) {
      // A strong comparison: a weak tag (W/"3") equals none.
      if (named.some((tag) => versionOf(tag) === version)) return;
      throw new AppError(
        "PRECONDITION_FAILED",
        `If-Match names another version; the current one is "${version}". Read it again, then repeat.`,
        { details: { current_version: version } },
      );
    },
  };
}

/** Whether If-None-Match names this tag, so that a GET needs no body. @throws AppError MALFORMED_REQUEST */
export function isNotModified(headers: Headers, etag: string): boolean {
  const named = entityTagsOf(headers, "If-None-Match");
  if (named === null) return false;
  // A weak comparison: W/"3" equals "3".
  return named === "*" || named.some((tag) => tag.replace(/^W\//, "") === etag);
}

/** One element of a list of entity tags, which may be empty, and the comma or end after it. */
const element = /[ \t]*((?:W\/)?"[!#-~\x80-\xff]*")?[ \t]*(,|$)/y;

/** The entity tags that a header lists, `*`, or null without it. @throws AppError MALFORMED_REQUEST */
function entityTagsOf(headers: Headers, name: string): string[] | "*" | null {
  const text = headers.get(name);
  if (text === null) return null;
  if (text.trim() === "*") return "*";
  const tags: string[] = [];
  element.lastIndex = 0;
  for (let end = false; !end; ) {
    const [found, tag, separator] = element.exec(text) ?? [];
    if (found === undefined) break;
    if (tag !== undefined) tags.push(tag);
    end = separator === "";
    if (end && tags.length > 0) return tags;
  }
  throw malformed(`${name} must be * or a list of entity tags in double quotes, such as "3".`);
}
