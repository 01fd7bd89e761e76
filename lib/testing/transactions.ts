import pg from "pg";
import { vi } from "vitest";

/** How many transactions some work opens, in this process. */
export async function transactionsOf(work: () => Promise<unknown>): Promise<number> {
  const queries = vi.spyOn(pg.Client.prototype, "query");
  try {
    await work();
    const texts = queries.mock.calls.map(([query]) => (query as { text?: string }).text ?? String(query));
    return texts.filter((text) => /^\s*BEGIN/i.test(text)).length;
  } finally {
    queries.mockRestore();
  }
}
