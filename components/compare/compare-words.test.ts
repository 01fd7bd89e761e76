import { describe, expect, test } from "vitest";
import type { ComparedSet } from "#lib/compare/schema";
import {
  apartText,
  changeOrder,
  comparisonNotes,
  comparisonSentence,
  otherNameText,
  swappedChange,
  wholeBeforeText,
} from "./compare-words.ts";

const set = (id: number, at: string, more: Partial<ComparedSet> = {}): ComparedSet => ({
  id,
  tenant_id: 1,
  backup_schedule_id: 1,
  schedule_name: "Nightly",
  status: "success",
  item_count: 10,
  created_at: `2026-11-${at}Z`,
  deleted_at: null,
  ...more,
});

test("how far apart two sets are is said in the unit that fits", () => {
  const from = (to: string) => apartText("2026-11-20T00:00:00Z", `2026-11-${to}Z`);
  expect(from("20T00:00:20")).toBe("20 s");
  expect(from("20T00:59:40")).toBe("1 h");
  expect(from("21T01:00:00")).toBe("25 h");
  // One day and a half is the first that is said in days: there is no "1 days".
  expect(from("21T11:45:00")).toBe("36 h");
  expect(from("21T12:00:00")).toBe("2 days");
  expect(from("23T01:00:00")).toBe("3 days");
});

test("what was added from one set to another was removed the other way", () => {
  expect(changeOrder.map(swappedChange)).toEqual([
    "removed",
    "added",
    "changed",
    "not_captured",
    "unchanged",
  ]);
});

test("another name is a former one in the same tenant, and none of another's policy, which is paired in any letter case", () => {
  expect(otherNameText("Pilot", "Pilot", false)).toBeNull();
  expect(otherNameText("pilot", "Pilot", false)).toBe("was called pilot");
  expect(otherNameText("Trial", "Pilot", false)).toBe("was called Trial");
  expect(otherNameText("pilot", "Pilot", true)).toBeNull();
  expect(otherNameText("Trial", "Pilot", true)).toBe("called Trial there");
});

test("the sentence names both sets, their order, and their schedules", () => {
  const [older, newer] = [set(28, "20T00:00:00"), set(31, "23T00:00:00")];
  expect(comparisonSentence(older, newer)).toBe("Set 31 with set 28, made 3 days earlier, both of Nightly.");
  expect(comparisonSentence(newer, older)).toBe("Set 28 with set 31, made 3 days later, both of Nightly.");
  const other = set(5, "22T23:00:00", { backup_schedule_id: 2, schedule_name: "Weekly" });
  expect(comparisonSentence(other, newer)).toBe("Set 31 of Nightly with set 5 of Weekly, made 1 h earlier.");
});

describe("the notes", () => {
  const [older, newer] = [set(28, "20T00:00:00"), set(31, "23T00:00:00")];

  test("are none for two whole sets in order", () => {
    expect(comparisonNotes(older, newer, 0, false)).toEqual([]);
  });

  test("mention partial sets, the bin, and the turned order", () => {
    expect(comparisonNotes(older, newer, 2, false).join()).toContain("Of 2 policies nobody can say");
    expect(comparisonNotes({ ...older, deleted_at: newer.created_at }, newer, 0, false)).toHaveLength(1);
    expect(comparisonNotes(newer, older, 0, false).join()).toContain("newer set is on the left");
    expect(comparisonNotes(newer, older, 0, true)).toEqual([]);
  });
});

test("where lacking types are is said by their names, as long as they are few", () => {
  const of = (count: number) => wholeBeforeText(28, ["A", "B", "C", "D", "E"].slice(0, count));
  expect(of(1)).toBe("Set 28, which is older, has all policies of A.");
  expect(of(4)).toBe("Set 28, which is older, has all policies of A, B, C, and D.");
  expect(of(5)).toBe("Set 28, which is older, has all policies of A, B, C, and 2 more types.");
});
