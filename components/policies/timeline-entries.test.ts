import { expect, test } from "vitest";
import type { PolicySpan } from "#lib/sets/policy-history";
import { timelineEntries } from "./timeline-entries.ts";

const span = (sha256: string | null, display_name: string | null, set: number): PolicySpan => ({
  sha256,
  display_name,
  first_seen_at: "2026-01-01T00:00:00.000Z",
  first_set_id: set,
  last_seen_at: "2026-01-01T00:00:00.000Z",
  last_set_id: set,
  set_count: 1,
  item_id: sha256 === null ? null : set * 10,
  bytes_logical: sha256 === null ? null : 100,
});

test("versions are numbered from the oldest; renames, returns and gaps are told", () => {
  const entries = timelineEntries([
    span("a", "New name", 5),
    span(null, null, 4),
    span("b", "New name", 3),
    span("a", "Old name", 2),
  ]);
  expect(
    entries.map(({ version, isNewest, sameAs, renamedFrom, before }) => [
      version,
      isNewest,
      sameAs,
      renamedFrom,
      before?.last_set_id ?? null,
    ]),
  ).toEqual([
    [3, true, 1, null, 3],
    [0, false, null, null, null],
    [2, false, null, "Old name", 2],
    [1, false, null, null, null],
  ]);
});

test("a policy that is gone begins with that", () => {
  expect(timelineEntries([span(null, null, 2), span("a", "x", 1)])).toMatchObject([
    { version: 0, isNewest: true },
    { version: 1, isNewest: false },
  ]);
  expect(timelineEntries([])).toEqual([]);
});

test("what stands there keeps its key when a backup makes it longer, when one finds another version, and when first sets go", () => {
  const keys = (timeline: PolicySpan[]) => timelineEntries(timeline).map(({ key }) => key);
  const [a, b, back] = [span("a", "x", 1), span("b", "x", 3), span("a", "x", 5)];
  const now = keys([back, b, a]);
  expect(new Set(now).size).toBe(3);
  expect(keys([{ ...back, last_set_id: 6, item_id: 60, set_count: 2 }, b, a])).toEqual(now);
  expect(keys([back, b, { ...a, first_set_id: 2 }])).toEqual(now);
  expect(keys([span(null, null, 9), back, b, a]).slice(1)).toEqual(now);
});
