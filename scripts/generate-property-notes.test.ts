import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { noteOf, notesFile, notesJson } from "./generate-property-notes.ts";

test("what summaries say of properties is what Microsoft's typings say", async () => {
  expect(await readFile(notesFile, "utf8"), "run `npm run words:properties`").toBe(notesJson());
});

test("a note is the first sentence of a comment that says more than the property's name", () => {
  expect(noteOf("deferral", "Defer updates (e.g. Quality ones) by days. Supports: $filter.")).toBe(
    "Defer updates (e.g. Quality ones) by days.",
  );
  expect(
    noteOf("pinRequired", "Possible values are: a, b. Whether a PIN is asked at the start of an app."),
  ).toBe("Whether a PIN is asked at the start of an app.");
  expect(noteOf("displayName", "The display name of the property.")).toBe("");
  expect(noteOf("x", `Says ${"much ".repeat(60)}`).length).toBeLessThanOrEqual(142);
});
