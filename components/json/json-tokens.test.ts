import { expect, test } from "vitest";
import { jsonTokens } from "./json-tokens.ts";

test("keys, strings, numbers and literals are distinguished", () => {
  const kinds = jsonTokens('{"a": "x: 1", "b": [-1.5e3, true, null]}').filter(
    (token) => token.kind !== "plain",
  );
  expect(kinds.map((token) => [token.kind, token.text])).toEqual([
    ["key", '"a"'],
    ["string", '"x: 1"'],
    ["key", '"b"'],
    ["number", "-1.5e3"],
    ["literal", "true"],
    ["literal", "null"],
  ]);
});

test("nothing is lost", () => {
  const json = JSON.stringify({ 'quote " here': ["\\", { deep: [1, 2, { x: null }] }], ü: "\n" }, null, 2);
  expect(
    jsonTokens(json)
      .map((token) => token.text)
      .join(""),
  ).toBe(json);
});
