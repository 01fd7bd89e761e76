import { describe, expect, it } from "vitest";
import { changeInLine } from "./change-in-line.ts";

const text = (of: string) => ({ kind: "text" as const, text: of });

describe("a change in one line", () => {
  it("has short values as they are, counted in letters", () => {
    expect(changeInLine(null, text("Enabled"), 20)).toBe("Not configured → Enabled");
    expect(changeInLine(text("🔒".repeat(10)), text("a\n  b"), 10)).toBe(`${"🔒".repeat(10)} → a b`);
  });

  it("shows of long values what differs", () => {
    const same = "x".repeat(200);
    expect(changeInLine(text(`${same}1 and more`), text(`${same}2 and more`), 40)).toBe(
      `…${"x".repeat(20)}1 and more → …${"x".repeat(20)}2 and more`,
    );
    expect(changeInLine(text(`1${same}`), text(`2${same}`), 40)).toBe(
      `1${"x".repeat(38)}… → 2${"x".repeat(38)}…`,
    );
    // The longer one goes on where the other ends.
    expect(changeInLine(text(same), text(`${same}, and this`), 40)).toBe(
      `…${"x".repeat(20)} → …${"x".repeat(20)}, and this`,
    );
    expect(changeInLine(text(`${same}1${same}`), text("short"), 40)).toBe(`${"x".repeat(39)}… → short`);
  });
});
