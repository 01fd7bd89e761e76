import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { diffDocuments, sameDocument } from "#lib/compare/document-diff";
import { canonicalize } from "#lib/policies/canonical";
import { readable } from "#lib/sets/export";
import { parseExactly, readExactly, writeExactly } from "./exact-number.ts";

const type = { volatile: [] };
/** 2^53 + 1, the least Int64, more digits than a double has, a fraction, a double written at length. */
const numbers =
  '{"a":9007199254740993,"b":[-9223372036854775808],"c":{"d":0.12345678901234567891},"e":1.5,"f":12345678901234567890}';
const stored = canonicalize(parseExactly(numbers) as Record<string, unknown>, type);
const json = new TextDecoder().decode(stored.document);

describe("a stored document with numbers that no double holds", () => {
  test("is written again as it was read, also after it was copied, stored and sent to a browser", () => {
    const read = readExactly(json);
    expect(writeExactly(read)).toBe(json);
    expect(writeExactly(JSON.parse(JSON.stringify(read)))).toBe(json);
    expect(writeExactly(structuredClone(read))).toBe(json);
  });

  test("has in an export the values that its hash is of", () => {
    const file = new TextDecoder().decode(readable(stored.document));
    const again = canonicalize(parseExactly(file) as Record<string, unknown>, type);
    expect(again.sha256).toBe(stored.sha256);
    expect(createHash("sha256").update(again.document).digest("hex")).toBe(stored.sha256);
  });

  test("differs from one that a double could not tell from it, and shows both numbers by their digits", () => {
    const [before, after] = ['{"a":9007199254740993}', '{"a":9007199254740992}'].map(readExactly);
    expect(sameDocument(before, after)).toBe(false);
    const [change] = diffDocuments(before, after);
    expect(String(change?.before)).toContain("9007199254740993");
    expect(String(change?.after)).toContain("9007199254740992");
  });
});

test("texts that only look like numbers stay texts", () => {
  const text = '{"a":"9007199254740993","b":"1234567890123456789","c":1}';
  expect(writeExactly(readExactly(text))).toBe(text);
});
