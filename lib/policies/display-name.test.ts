import { expect, test } from "vitest";
import { displayNameOf } from "./display-name.ts";

test.each([
  [{ displayName: "A", name: "B" }, "A"],
  [{ displayName: null, name: "B" }, "B"],
  [{ displayName: " ", profileName: "C" }, "C"],
  [{}, "fallback"],
])("%j is called %s", (document, name) => {
  expect(displayNameOf(document, "fallback")).toBe(name);
});
