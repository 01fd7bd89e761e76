import { expect, test } from "vitest";
import { turnOffWords } from "./turn-off-words.ts";

test("the set-up of another phone is announced where it comes first, and asked for where nothing else does", () => {
  const byPassword = turnOffWords({ is_required: true, comes_first: true });
  expect(byPassword).toMatchObject({ title: "Use another phone?", done: null });
  expect(byPassword.words).toContain("You set up the new phone next, and can do nothing else before.");
  const byMicrosoft = turnOffWords({ is_required: true, comes_first: false });
  expect(byMicrosoft.title).toBe("Use another phone?");
  expect(byMicrosoft.words).toContain("turn two-step sign-in on again here at once");
  expect(byMicrosoft.words).not.toMatch(/set up the new phone next|nothing else/);
  expect(byMicrosoft.done).toBe("Two-step sign-in is off. Turn it on again with the new phone.");
});

test("where it is not required it is turned off, and that is all", () => {
  const words = turnOffWords({ is_required: false, comes_first: false });
  expect(words).toMatchObject({ title: "Turn off two-step sign-in?", submitLabel: "Turn off" });
  expect(words.done).toBe("Two-step sign-in is off.");
});
