import { expect, test } from "vitest";
import type { RecentRun } from "#lib/schedules/table";
import { stripWords } from "./run-strip.tsx";

const run = (id: number, status: RecentRun["status"]): RecentRun => ({
  id,
  status,
  scheduled_for: "2026-11-27T06:30:00.000Z",
});

test("the last runs are told in words, one as one", () => {
  expect(stripWords([], "Nightly")).toBe("Nightly: no runs yet");
  expect(stripWords([run(1, "success")], "Nightly")).toBe("Last run of Nightly: 1 success; newest success");
  expect(stripWords([run(3, "failed"), run(2, "success"), run(1, "success")], "Nightly")).toBe(
    "Last 3 runs of Nightly: 1 failed, 2 success; newest failed",
  );
});
