import { pageSizes } from "#lib/limits";
import type { NotificationView } from "#lib/notifications/schema";
import type { ActionResult } from "../feedback/action-result.ts";

interface EntryPage {
  items: NotificationView[];
  next_cursor: string | null;
}

/**
 * Reads notifications, newest first, in as many pages as it takes: a list of which somebody has asked for older ones stays as
 * long as it is when it is read anew.
 * @param many how many, if there are so many
 * @param cursor where to begin, after those that are shown; from the newest without it
 * @returns null when any of it could not be read
 */
export async function readEntries(
  list: (page: { limit: number; cursor?: string }) => Promise<ActionResult<EntryPage>>,
  many: number,
  cursor?: string,
): Promise<EntryPage | null> {
  const items: NotificationView[] = [];
  let next = cursor ?? null;
  do {
    const limit = Math.min(many - items.length, pageSizes.most);
    const answer = await list({ limit, ...(next ? { cursor: next } : {}) }).catch(() => null);
    if (!answer?.ok) return null;
    items.push(...answer.data.items);
    next = answer.data.next_cursor;
  } while (next !== null && items.length < many);
  return { items, next_cursor: next };
}
