import { notFound } from "./problem.ts";

/** The names in braces of a path template: `/tenants/{tenantId}` gives `tenantId`. */
export function pathIdNames(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
}

/** Ids of tables that outgrow 32 bits. */
const bigIds: ReadonlySet<string> = new Set(["itemId"]);

/**
 * The ids in a path as numbers.
 * @throws AppError NOT_FOUND for anything that cannot be an id: not a number, 0, out of range, or written oddly
 *   (`007`, `+1`, `1e3`).
 */
export function parsePathIds(
  template: string,
  params: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, number> {
  const ids: Record<string, number> = {};
  for (const name of pathIdNames(template)) {
    const text = params[name];
    const id = typeof text === "string" && /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(id <= (bigIds.has(name) ? Number.MAX_SAFE_INTEGER : 2_147_483_647))) throw notFound();
    ids[name] = id;
  }
  return ids;
}
