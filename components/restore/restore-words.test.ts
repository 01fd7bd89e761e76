import { describe, expect, test } from "vitest";
import type { Restore, RestoreItem } from "#lib/restore/schema";
import { itemSummary } from "./item-words.ts";
import { hasBegun, modeWords, noneSaved, progressOf, restoreStory } from "./restore-words.ts";

const planned: Restore = {
  id: 12,
  tenant_id: 1,
  status: "planned",
  source: { tenant_id: 1, tenant_name: "Contoso", set_id: 31, set_created_at: "2026-11-26T02:00:00.000Z" },
  undo_of: null,
  undone_by: null,
  reason: null,
  created_at: "2026-11-29T20:00:00.000Z",
  created_by: { id: 1, name: "Mia" },
  requested_at: null,
  requested_by: null,
  approved_at: null,
  approved_by: null,
  planned_at: "2026-11-29T20:00:09.000Z",
  started_at: null,
  ended_at: null,
  stop_requested_at: null,
  run_id: 7,
  live_set_id: 32,
  before_set_id: null,
  error_code: null,
  error_message: null,
  version: 2,
  items: 9,
  outcomes: { update: 2, create: 1, blocked: 1, impossible: 1, unchanged: 4 },
  states: { pending: 9 },
  changes: 3,
};

describe("a restore in words", () => {
  test("says what a plan would write, what it waits for, and what is equal already", () => {
    expect(restoreStory(planned)).toBe(
      "3 policies would be written: 2 updated, 1 created. 1 needs a decision first. 1 cannot be restored. 4 are as in the backup already.",
    );
    expect(restoreStory({ ...planned, outcomes: { unchanged: 1 }, changes: 0 })).toBe(
      "Nothing would be written. 1 is as in the backup already.",
    );
    expect(hasBegun(planned)).toBe(false);
  });

  test("counts what is written while it is at work, and never promises what was not read back", () => {
    const states = { done: 2, failed: 1, pending: 3, writing: 1, unchanged: 4, blocked: 2 };
    const running: Restore = { ...planned, status: "running", states };
    expect(progressOf(running)).toEqual({ ended: 3, total: 7 });
    expect(restoreStory(running)).toBe("3 of 7 policies written and read back.");
    expect(restoreStory({ ...running, stop_requested_at: planned.created_at })).toContain("It stops after");
    expect(hasBegun(running)).toBe(true);
  });

  test("tells trouble from success at its end", () => {
    const done: Restore = { ...planned, status: "done", states: { done: 1, unchanged: 1 } };
    expect(restoreStory(done)).toBe(
      "1 policy was written, read back, and is equal to the backup. 1 policy was equal already.",
    );
    const states = { done_with_differences: 1, failed: 2, blocked: 1 };
    expect(restoreStory({ ...planned, status: "done_with_problems", states })).toBe(
      "1 policy was written, and differs from the backup in places. 2 policies failed. 1 policy was not restored.",
    );
    expect(restoreStory({ ...planned, status: "stopped", states: { pending: 9 } })).toBe(
      "Nothing was written. The rest was not touched, and can go on later.",
    );
  });
});

test("whoever chooses a copy is told that it is assigned, as the plan does", () => {
  expect(modeWords.copy.about).toContain("assigned as the backup says");
  expect(modeWords.copy.about).not.toContain("without");
});

describe("a policy in words", () => {
  const item: RestoreItem = {
    id: 1,
    restore_id: 12,
    policy_type: "conditionalAccessPolicy",
    graph_id: "a",
    display_name: "Require MFA",
    source_sha256: "0".repeat(64),
    mode: "in_place",
    prefix: null,
    is_skipped: false,
    live_graph_id: "a",
    outcome: "update",
    why: null,
    reasons: [],
    stays: [],
    confirm: [],
    later: [],
    change_count: 1,
    request_count: 1,
    given_secrets: [],
    state: "pending",
    target_id: null,
    is_created: false,
    request_ids: [],
    approval_since: null,
    error_code: null,
    error_message: null,
    differences: null,
    later_taken_at: null,
    later_taken_by: null,
    changed_at: planned.created_at,
  };

  test("is told by its differences, its copy's name, or what blocks it", () => {
    expect(itemSummary(item, false)).toEqual({ text: "1 difference" });
    const copy: RestoreItem = {
      ...item,
      mode: "copy",
      prefix: "[Old] ",
      outcome: "create",
      later: ["It is created report-only."],
    };
    expect(itemSummary(copy, false)?.text).toBe(
      "As “[Old] Require MFA” · Not enabled: that is a second step",
    );
    // Nothing could be sent, and yet it is not as in the backup.
    const stays = [{ path: "roleAssignments", what: "Everybody is an administrator" }];
    expect(itemSummary({ ...item, outcome: "unchanged", stays }, false)?.text).toBe(
      "1 that the backup lacks stays",
    );
    const reason = { code: "unresolved", path: "conditions", message: "The group Sales is not here." };
    const blocked: RestoreItem = { ...item, outcome: "blocked", reasons: [reason, reason, reason] };
    expect(itemSummary(blocked, false)).toEqual({
      text: "The group Sales is not here. And 2 more.",
      tone: "warning",
    });
    expect(itemSummary({ ...blocked, is_skipped: true }, false)).toBeNull();
  });

  test("is told by its fault, once the restore has begun", () => {
    const failed: RestoreItem = { ...item, state: "failed", error_message: "Refused." };
    expect(itemSummary(failed, true)).toEqual({ text: "Refused.", tone: "danger" });
    const differing: RestoreItem = { ...item, state: "done_with_differences", differences: ["a", "b"] };
    expect(itemSummary(differing, true)?.text).toBe("Differs from the backup in 2 places");
  });
});

test("where no connection for writing is saved, nobody is said to save one in an archived tenant", () => {
  expect(noneSaved(false)).toMatch(/An owner of this tenant saves one/);
  expect(noneSaved(true)).toBe("None is saved, and none can be while the tenant is archived.");
});
