import { expect, test } from "vitest";
import { canRetry, runState, runStateLabels } from "./run-state.ts";

test("a run that waits for a worker is queued to people", () => {
  expect(runStateLabels[runState({ status: "running", started_at: null })]).toBe("Queued");
  expect(runStateLabels[runState({ status: "running", started_at: "2026-11-23T20:00:00Z" })]).toBe("Running");
  expect(runStateLabels[runState({ status: "skipped", started_at: null })]).toBe("Skipped");
});

test("a run that found nothing, where something was expected, does not look like a backup", () => {
  const run = { status: "success", started_at: null } as const;
  expect(runState({ ...run, summary: { empty: true } })).toBe("empty");
  expect(runState({ ...run, summary: {} })).toBe("success");
});

test("only what has ended without success can be retried", () => {
  expect(
    (["running", "success", "partial", "failed", "canceled", "skipped"] as const).filter(canRetry),
  ).toEqual(["partial", "failed", "canceled", "skipped"]);
});
