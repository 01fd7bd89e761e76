import { expect, test } from "vitest";
import { dotOf, iconWithDot, titleWith } from "./tab-signs.tsx";

const signs = (active_runs: number, failing_schedules: number) => ({ active_runs, failing_schedules });

test.each([
  [0, 0, "Runs · Contoso"],
  [2, 0, "▶ 2 running · Runs · Contoso"],
  [2, 3, "▶ 2 running · Runs · Contoso"],
  [0, 3, "! 3 failing · Runs · Contoso"],
])("a title with %d running and %d failing", (running, failing, title) => {
  expect(titleWith("Runs · Contoso", signs(running, failing))).toBe(title);
});

test("a title that has a state already gets the new one in its place", () => {
  expect(titleWith("▶ 12 running · Runs", signs(0, 1))).toBe("! 1 failing · Runs");
  expect(titleWith("! 1 failing · Runs", signs(1, 0))).toBe("▶ 1 running · Runs");
  expect(titleWith("! 1 failing · Runs", signs(0, 0))).toBe("Runs");
});

test("a schedule's own name that looks alike stays", () => {
  expect(titleWith("! important", signs(0, 0))).toBe("! important");
});

test("the dot shows failure before activity, and nothing when all is calm", () => {
  expect(dotOf(signs(0, 0))).toBeNull();
  expect(dotOf(signs(1, 0))).not.toBe(dotOf(signs(1, 1)));
  expect(dotOf(signs(0, 1))).toBe(dotOf(signs(1, 1)));
  expect(decodeURIComponent(iconWithDot("#d4372b"))).toContain('fill="#d4372b"');
});
