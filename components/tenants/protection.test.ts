import { expect, test } from "vitest";
import { byRisk, protectionOf } from "./protection.ts";

const now = Date.UTC(2026, 10, 23, 20, 0);
const ago = (hours: number) => new Date(now - hours * 3_600_000).toISOString();

const healthy = {
  name: "Contoso",
  schedules: { total: 2, enabled: 2 },
  last_run_status: "success" as const,
  last_run_at: ago(3),
  last_success_at: ago(3),
  next_run_at: ago(-21),
};

test.each([
  [{}, "Protected: last complete backup 3 h ago, next in 21 h."],
  [
    { schedules: { total: 0, enabled: 0 }, last_success_at: null, next_run_at: null },
    "Not protected: there is no backup schedule.",
  ],
  [
    { schedules: { total: 2, enabled: 0 }, next_run_at: null },
    "Not protected: every backup schedule is disabled, last complete backup 3 h ago.",
  ],
  [
    { last_success_at: null, last_run_status: "failed" as const },
    "Not protected: no complete backup yet, next in 21 h.",
  ],
  [{ last_success_at: null, last_run_status: "running" as const }, "At risk: the first backup is under way."],
  [
    { last_run_status: "failed" as const },
    "At risk: the latest run failed, last complete backup 3 h ago, next in 21 h.",
  ],
  [
    { last_run_status: "partial" as const },
    "At risk: the latest run is incomplete, last complete backup 3 h ago, next in 21 h.",
  ],
  [{ last_success_at: ago(9 * 24) }, "At risk: last complete backup 9 days ago, next in 21 h."],
  [{ next_run_at: ago(1) }, "At risk: a run is overdue, last complete backup 3 h ago."],
])("%j → %s", (over, sentence) => {
  expect(protectionOf({ ...healthy, ...over }, now).sentence).toBe(sentence);
});

test("tenants that need someone come first", () => {
  const tenants = [
    { ...healthy, name: "Fine" },
    { ...healthy, name: "Failing", last_run_status: "failed" as const },
    { ...healthy, name: "Empty", schedules: { total: 0, enabled: 0 }, last_success_at: null },
  ];
  expect(byRisk(tenants, now).map((tenant) => tenant.name)).toEqual(["Empty", "Failing", "Fine"]);
});
