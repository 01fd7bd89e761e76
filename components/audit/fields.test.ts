import { expect, test } from "vitest";
import { fieldsOf } from "./fields.ts";

const values = (action: string, details: Record<string, unknown>) =>
  fieldsOf({ action, details }).map(({ label, before, value }) => [label, before, value]);
const text = (words: string) => ({ kind: "text", text: words });

test("a changed schedule shows each field before and after", () => {
  expect(
    values("schedule.updated", {
      time_of_day: { from: "02:00:00", to: "03:30:00" },
      days_of_week: { from: [], to: [1, 5] },
      policy_types: { from: ["deviceConfiguration"], to: ["deviceConfiguration", "unknownToUs"] },
      include_foundations: { from: true, to: false },
      retention_keep_daily: { from: 0, to: 7 },
    }),
  ).toEqual([
    ["Weekdays", { kind: "none" }, { kind: "list", items: ["Mon", "Fri"] }],
    ["Time", { kind: "time_of_day", time: "02:00:00" }, { kind: "time_of_day", time: "03:30:00" }],
    [
      "Policy types",
      { kind: "list", items: ["Device configuration profiles"] },
      { kind: "list", items: ["Device configuration profiles", "unknownToUs"] },
    ],
    ["Foundations", text("Yes"), text("No")],
    ["Keep daily", text("Off"), text("7")],
  ]);
});

test("a changed role is a change, an export's range is not", () => {
  expect(values("member.role_changed", { from: "operator", to: "manager" })).toEqual([
    ["Role", text("Operator"), text("Manager")],
  ]);
  expect(values("audit.exported", { from: "2026-11-24T00:00:00+01:00", to: "2026-11-25T00:00:00Z" })).toEqual(
    [
      ["From", null, { kind: "instant", at: "2026-11-23T23:00:00.000Z" }],
      ["Before", null, { kind: "instant", at: "2026-11-25T00:00:00.000Z" }],
    ],
  );
});

test("ids lead to what they name, codes to their explanation, and nothing is shown as null", () => {
  expect(
    values("run.failed", { schedule_id: 5, backup_set_id: null, error_code: "TIMEOUT", items: 0 }),
  ).toEqual([
    ["Backup schedule", null, { kind: "link", text: "Schedule 5", path: "backup-schedules/5" }],
    ["Backup set", null, { kind: "none" }],
    ["Error", null, { kind: "error", code: "TIMEOUT" }],
    ["Items", null, text("0")],
  ]);
});

test("members of a new tenant are named with their roles", () => {
  expect(values("tenant.created", { members: [{ email: "a@b.example", role: "owner" }] })).toEqual([
    ["Members", null, { kind: "list", items: ["a@b.example (Owner)"] }],
  ]);
});
