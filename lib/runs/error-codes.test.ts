import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { runErrorCodes, runErrorHelp } from "./error-codes.ts";

test.each(runErrorCodes)("docs/runs.md explains %s as the pages do", async (code) => {
  const docs = await readFile(new URL("../../docs/runs.md", import.meta.url), "utf8");
  const { meaning, remedy } = runErrorHelp[code];
  expect(docs).toContain(`\`${code}\` | ${meaning} | ${remedy} |`);
});
