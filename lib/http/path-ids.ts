import { notFound } from "./problem.ts";

/** The names in braces of a path template: `/tenants/{tenantId}` gives `tenantId`. */
export type PathIds<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { [key in Name]: number } & PathIds<Rest>
  : unknown;

/** Ids of tables that outgrow 32 bits. */
const bigIds: ReadonlySet<string> = new Set(["itemId"]);

/**
 * The ids in a path as numbers.
 * @throws AppError NOT_FOUND for anything that cannot be an id: not a number, 0, out of range, or written oddly
 *   (`007`, `+1`, `1e3`).
 */
export function parsePathIds<Path extends string>(
  template: Path,
  params: Readonly<Record<string, string | string[] | undefined>>,
): PathIds<Path> {
  const ids: Record<string, number> = {};
  for (const [, name = ""] of template.matchAll(/\{(\w+)\}/g)) {
    const text = params[name];
    const id = typeof text === "string" && /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(id <= (bigIds.has(name) ? Number.MAX_SAFE_INTEGER : 2_147_483_647))) throw notFound();
    ids[name] = id;
  }
  return ids as PathIds<Path>;
}
