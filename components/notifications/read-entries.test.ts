import { expect, test } from "vitest";
import type { NotificationView } from "#lib/notifications/schema";
import { readEntries } from "./read-entries.ts";

const entry = (id: number): NotificationView => ({
  id,
  tenant_id: 1,
  kind: "run.failed",
  title: "Backup failed",
  body: "",
  link: null,
  data: {},
  read_at: null,
  created_at: "2026-11-30T00:00:00.000Z",
});

/** A list of so many notifications, as the service answers it: at most 200 a page. */
function listOf(count: number) {
  const asked: number[] = [];
  const list = async ({ limit, cursor }: { limit: number; cursor?: string }) => {
    if (limit > 200) throw new Error("must be at most 200");
    asked.push(limit);
    const from = cursor ? Number(cursor) : 0;
    const to = Math.min(count, from + limit);
    const items = Array.from({ length: to - from }, (_, at) => entry(count - from - at));
    return { ok: true as const, data: { items, next_cursor: to < count ? String(to) : null } };
  };
  return { list, asked };
}

test("as many as were shown are read anew, however many pages that takes", async () => {
  const { list, asked } = listOf(500);
  const read = await readEntries(list, 430);
  expect(read?.items.map(({ id }) => id)).toEqual(Array.from({ length: 430 }, (_, at) => 500 - at));
  expect(read?.next_cursor).toBe("430");
  expect(asked).toEqual([200, 200, 30]);
});

test("there may be fewer by now, and older ones go on where the shown ones end", async () => {
  expect(await readEntries(listOf(12).list, 60)).toMatchObject({ next_cursor: null, items: { length: 12 } });
  const older = await readEntries(listOf(100).list, 30, "30");
  expect(older?.items.map(({ id }) => id).at(0)).toBe(70);
  expect(older?.next_cursor).toBe("60");
});

test("what could not be read is not half a list", async () => {
  const { list } = listOf(500);
  const fails = (page: { limit: number; cursor?: string }) =>
    page.cursor ? Promise.reject(new Error("away")) : list(page);
  expect(await readEntries(fails, 430)).toBe(null);
});
