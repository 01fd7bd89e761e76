import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { schemaFile, schemaJson } from "./generate-graph-schema.ts";

test("the sandbox's table of names is the one that Microsoft's typings make", async () => {
  expect(await readFile(schemaFile, "utf8"), "run `npm run sandbox:schema`").toBe(schemaJson());
});
