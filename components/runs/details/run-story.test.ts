import { describe, expect, test } from "vitest";
import type { RunSummary, TypeSummary } from "#lib/capture/summary";
import type { RunStatus } from "#lib/runs/schema";
import { runStory } from "./run-story.ts";

const whole = (captured: number, more: Partial<TypeSummary> = {}): TypeSummary => ({
  kind: "policy",
  expected: captured,
  captured,
  gone: 0,
  failed: 0,
  skipped: false,
  listed: true,
  error_code: null,
  error_message: null,
  request_id: null,
  missing: [],
  ...more,
});
const story = (status: RunStatus, summary: RunSummary = {}, more: object = {}) =>
  runStory({ status, summary, started_at: "2026-11-24T00:00:00Z", cancel_requested_at: null, ...more });

describe("a run in words", () => {
  test("that captured everything", () => {
    expect(
      story("success", {
        types: { settingsCatalogPolicy: whole(30), deviceConfiguration: whole(101) },
        foundations: { roleScopeTag: whole(1, { kind: "foundation" }) },
        changes: { added: 2, changed: 3, removed: 1, unchanged: 126 },
        bytes: { logical: 2_000_000, stored: 300_000, added: 4_000 },
        missed_occurrences: 1,
      }),
    ).toEqual([
      "Captured all 132 items: 131 in 2 policy types and 1 in 1 foundation.",
      "Since the backups before: 2 added, 1 removed, 3 changed, 126 unchanged.",
      "2.0 MB of JSON; it took 4.0 kB more storage.",
      "It also stands for 1 older run missed before it.",
    ]);
  });

  test("that is the first, and one in which nothing changed", () => {
    const first = {
      types: { namedLocation: whole(4) },
      changes: { added: 4, changed: 0, removed: 0, unchanged: 0 },
    };
    expect(story("success", first)[1]).toMatch(/^The first backup set/);
    const same = { ...first, changes: { added: 0, changed: 0, removed: 0, unchanged: 4 } };
    expect(story("success", same)[1]).toBe("Nothing has changed since the backups before.");
  });

  test("that lacks something says how much of what", () => {
    expect(
      story("partial", {
        types: {
          settingsCatalogPolicy: whole(9, { expected: 12, failed: 3, gone: 1 }),
          deviceConfiguration: whole(0, { listed: false }),
          nope: whole(0, { skipped: true }),
        },
      }),
    ).toEqual([
      "Captured 9 items, and something is missing.",
      "3 items could not be read.",
      "1 policy type could not be listed to the end.",
      "1 policy type left out.",
      "1 item deleted in the tenant meanwhile, which is no error.",
    ]);
  });

  test("that is under way", () => {
    expect(story("running", {}, { started_at: null })).toEqual(["Waiting for a worker."]);
    expect(story("running")).toEqual(["Reading the tenant's policies."]);
    expect(story("running", {}, { cancel_requested_at: "2026-11-24T00:00:00Z" })[0]).toMatch(/stopping/);
  });

  test.each(["failed", "canceled", "skipped"] as const)("that is %s names no counts", (status) => {
    const said = story(status, { types: { settingsCatalogPolicy: whole(9, { failed: 3 }) } });
    expect(said).toHaveLength(1);
    expect(said[0]).not.toMatch(/\d/);
  });
});
