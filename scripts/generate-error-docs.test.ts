import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { runErrorCodes, runErrors } from "#lib/run-error-codes";
import { errorCodesFile, errorCodesPage } from "./generate-error-docs.ts";

test("docs/error-codes.md is what the codes make: run `npm run docs:error-codes` after changing one", async () => {
  expect(await readFile(errorCodesFile, "utf8")).toBe(errorCodesPage());
});

test.each(runErrorCodes)("it explains %s as the pages do, below an anchor of its name", (code) => {
  const section = errorCodesPage().split(`<a id="${code}"></a>`)[1]?.split("\n## ")[0];
  const { title, meaning, handling, remedy } = runErrors[code];
  for (const words of [title, meaning, handling, remedy]) expect(section).toContain(words);
});
