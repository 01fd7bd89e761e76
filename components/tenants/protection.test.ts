import { expect, test } from "vitest";
import type { ProtectionFacts } from "#lib/overview/protection-facts";
import { archivedSentence, protectionOf } from "./protection.ts";

const now = Date.UTC(2026, 10, 23, 20, 0);
const ago = (hours: number) => new Date(now - hours * 3_600_000).toISOString();

const counts = { total: 2, enabled: 2, paused: 0, failing: 0, incomplete: 0, in_breach: 0 };
const healthy: ProtectionFacts = {
  is_archived: false,
  schedules: counts,
  damaged_sets: 0,
  last_run_status: "success",
  last_run_at: ago(3),
  last_success_at: ago(3),
  next_run_at: ago(-21),
  breaches: [],
};
const nightly = { id: 7, name: "Nightly", last_complete_at: ago(75), missed: 3 };

test.each<[Partial<ProtectionFacts>, string, string | null]>([
  [{}, "Protected: last complete backup 3 h ago, next in 21 h.", null],
  [
    { schedules: { ...counts, total: 0, enabled: 0 }, last_success_at: null, next_run_at: null },
    "Not protected: there is no backup schedule.",
    "/backup-schedules/new",
  ],
  [
    { schedules: { ...counts, enabled: 0 }, next_run_at: null },
    "Not protected: every backup schedule is disabled, last complete backup 3 h ago.",
    "/backup-schedules?state=disabled",
  ],
  [
    { schedules: { ...counts, enabled: 0, paused: 2, in_breach: 2 }, next_run_at: null },
    "Not protected: every backup schedule was paused by TenantPilot, last complete backup 3 h ago.",
    "/backup-schedules?state=disabled",
  ],
  [
    { last_success_at: null, last_run_status: null },
    "Not protected: no complete backup yet, next in 21 h.",
    "/backup-schedules",
  ],
  [
    { last_success_at: null, last_run_status: "failed", schedules: { ...counts, failing: 1 } },
    "Not protected: no complete backup yet, the latest run failed, next in 21 h.",
    "#failures",
  ],
  [
    { last_success_at: null, last_run_status: "partial", schedules: { ...counts, incomplete: 1 } },
    "Not protected: no complete backup yet, the latest run is incomplete, next in 21 h.",
    "#failures",
  ],
  [{ last_success_at: null, last_run_status: "running" }, "At risk: the first backup is under way.", null],
  [
    { schedules: { ...counts, in_breach: 1 }, breaches: [nightly] },
    "Overdue: the last complete backup of “Nightly” was 3 days ago, 3 backups missed, next in 21 h.",
    "/backup-schedules/7",
  ],
  [
    { schedules: { ...counts, in_breach: 1 }, breaches: [{ ...nightly, last_complete_at: null, missed: 1 }] },
    "Overdue: “Nightly” never had a complete backup, 1 backup missed, next in 21 h.",
    "/backup-schedules/7",
  ],
  [
    { schedules: { ...counts, total: 10, enabled: 9, paused: 1, in_breach: 4 }, breaches: [nightly] },
    "Overdue: 4 of 10 schedules have had no complete backup in time, next in 21 h.",
    "/backup-schedules?sort=last_run_at",
  ],
  [
    { next_run_at: ago(1) },
    "At risk: a run was due 1 h ago and has not started, last complete backup 3 h ago.",
    null,
  ],
  [
    { damaged_sets: 1 },
    "At risk: a backup set is damaged, last complete backup 3 h ago, next in 21 h.",
    "/backup-sets",
  ],
  [
    { schedules: { ...counts, failing: 1 } },
    "At risk: the latest run of 1 of 2 schedules failed, last complete backup 3 h ago, next in 21 h.",
    "#failures",
  ],
  [
    { schedules: { ...counts, total: 1, enabled: 1, incomplete: 1 } },
    "At risk: the latest run is incomplete, last complete backup 3 h ago, next in 21 h.",
    "#failures",
  ],
  [
    { schedules: { ...counts, total: 3, paused: 1 } },
    "At risk: a schedule was paused by TenantPilot, last complete backup 3 h ago, next in 21 h.",
    "/backup-schedules?state=disabled",
  ],
])("%j → %s", (over, sentence, path) => {
  const protection = protectionOf({ ...healthy, ...over }, now);
  expect(protection.sentence).toBe(sentence);
  expect(protection.remedy?.path ?? null).toBe(path);
});

test("of an archived tenant nothing is said but that no run starts, and how old its newest backup is", () => {
  const archived = { ...healthy, is_archived: true, next_run_at: null };
  expect(archivedSentence(archived, now)).toBe(
    "Archived: no run starts in this tenant, the last complete backup was made 3 h ago.",
  );
  expect(archivedSentence({ ...archived, last_success_at: null }, now)).toBe(
    "Archived: no run starts in this tenant, there is no complete backup.",
  );
});
