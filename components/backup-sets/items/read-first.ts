import type { Fetched } from "#components/compare/fetch-json.ts";

/**
 * Reads a list page by page, until it ends or there is enough of it.
 * @param read the page behind a cursor; the first is behind ""
 * @param most no more than this many
 * @returns the first of the list, and whether it has more; or why not
 */
export async function readFirst<T>(
  read: (cursor: string) => Promise<Fetched<T[]>>,
  most: number,
): Promise<{ ok: true; items: T[]; hasMore: boolean } | { ok: false; message: string }> {
  const items: T[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Fetched<T[]> = await read(cursor);
    if (!page.ok) return page;
    items.push(...page.data);
    cursor = page.next;
    if (items.length >= most)
      return { ok: true, items: items.slice(0, most), hasMore: items.length > most || cursor !== null };
  }
  return { ok: true, items, hasMore: false };
}
