import { GraphError } from "#lib/graph/errors";
import type { GraphObject } from "#lib/graph/shape";
import type { Child } from "#lib/policies/policy-type";

/** The object's `@odata.type` without `#microsoft.graph.`; null when it names none. */
export function shortTypeOf(object: GraphObject): string | null {
  const name = object["@odata.type"];
  return typeof name === "string" ? name.replace(/^#microsoft\.graph\./, "") : null;
}

/** Whether a parent brought the child collection along, so that it need not be asked for. */
export function isInline(parent: GraphObject, child: Child): boolean {
  // What is announced may be cut at a page's length inside another answer, without a word: it is read page by page.
  return Array.isArray(parent[child.key]) && !child.announcedBy;
}

/**
 * Whether an answer may mean that Graph does not expand here. It is documented nowhere which status it then has: 400 and
 * 501 were seen, and a 500 that stays after all repetitions says no more than that.
 */
export function isRefusedExpansion(error: unknown): boolean {
  return (
    error instanceof GraphError && (error.status === 400 || error.status === 500 || error.status === 501)
  );
}
