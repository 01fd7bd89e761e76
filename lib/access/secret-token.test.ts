import { expect, test } from "vitest";
import { canBeToken, hashToken, newToken } from "./secret-token.ts";

test("tokens differ, have one shape, and know each other", () => {
  const tokens = Array.from({ length: 500 }, newToken);
  expect(new Set(tokens).size).toBe(500);
  for (const token of tokens) {
    expect(token).toMatch(/^tpat_[0-9A-Za-z]{49}$/);
    expect(canBeToken(token)).toBe(true);
  }
});

test("a token with a mistake, cut off, or of somebody else is none", () => {
  const token = newToken();
  for (let at = 0; at < token.length; at++) {
    const other = token.charAt(at) === "a" ? "b" : "a";
    expect(canBeToken(token.slice(0, at) + other + token.slice(at + 1))).toBe(false);
  }
  for (const text of [
    "",
    "tpat_",
    token.slice(0, -1),
    `${token}x`,
    token.slice(5),
    token.replace("tpat_", "ghp_"),
  ])
    expect(canBeToken(text)).toBe(false);
});

test("a token from before there was a checksum can be one", () => {
  expect(canBeToken("tpat_Xw0-abcdefghijklmnopqrstuvwxyz_0123456789ABC")).toBe(false);
  expect(canBeToken(`tpat_${Buffer.alloc(32, 251).toString("base64url")}`)).toBe(true);
});

test("what is no text is nobody's token", () => {
  for (const odd of [7, null, undefined, {}, [], true])
    expect(hashToken(odd as never)).toMatch(/^[0-9a-f]{64}$/);
});
