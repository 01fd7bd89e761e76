import { Secret } from "otpauth";
import { describe, expect, test } from "vitest";
import { newSecret, stepOf } from "./totp.ts";

/** RFC 6238, appendix B, SHA-1: seconds since 1970 and the code of eight digits, of which ours are the last six. */
const vectors = [
  [59, "94287082"],
  [1_111_111_109, "07081804"],
  [1_111_111_111, "14050471"],
  [1_234_567_890, "89005924"],
  [2_000_000_000, "69279037"],
  [20_000_000_000, "65353130"],
] as const;
const secret = Secret.fromUTF8("12345678901234567890").base32;
const codeOf = (digits: string) => String(Number(digits) % 1_000_000).padStart(6, "0");

describe("a code", () => {
  test.each(vectors)("of RFC 6238 at %i seconds is accepted in its step", (seconds, digits) => {
    expect(stepOf(codeOf(digits), secret, seconds * 1_000)).toBe(Math.floor(seconds / 30));
  });

  test("is accepted one step early or late, and no more", () => {
    const [seconds, digits] = vectors[3];
    const step = Math.floor(seconds / 30);
    const at = (steps: number) => stepOf(codeOf(digits), secret, (step + steps) * 30_000);
    expect([-2, -1, 0, 1, 2].map(at)).toEqual([null, step, step, step, null]);
    // From the first millisecond of the step before to the last of the one after.
    const ms = (step + 2) * 30_000;
    expect(stepOf(codeOf(digits), secret, ms - 1)).toBe(step);
    expect(stepOf(codeOf(digits), secret, (step - 1) * 30_000 - 1)).toBeNull();
  });

  test.each(["", "00592", "0059240", "89005924", "00592x", "005 924", "٠٠٥٩٢٤"])("%j is none", (typed) => {
    expect(stepOf(typed, secret, 1_234_567_890_000)).toBeNull();
  });
});

test("a new secret has 160 bits, and is another one each time", () => {
  const made = [newSecret(), newSecret()];
  for (const each of made) expect(Secret.fromBase32(each).bytes).toHaveLength(20);
  expect(new Set(made).size).toBe(2);
});
