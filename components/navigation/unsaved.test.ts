import { expect, test } from "vitest";
import { agreeToLeave, hasUnsaved, isAgreed, noteUnsaved } from "./unsaved.ts";

test("who agrees once to leave has agreed for every form of the page, for that way alone", () => {
  const saved = [noteUnsaved(), noteUnsaved()];
  agreeToLeave("before");
  expect(isAgreed("before")).toBe(true);
  expect(isAgreed("another")).toBe(false);
  saved[0]?.();
  expect(isAgreed("before")).toBe(true);
  saved[1]?.();
  expect(hasUnsaved()).toBe(false);
});

test("on the next page it is asked anew", () => {
  const saved = noteUnsaved();
  agreeToLeave("before");
  saved();
  const typed = noteUnsaved();
  expect(isAgreed("before")).toBe(false);
  typed();
});
