import { describe, expect, test } from "vitest";
import { differingParts, foldedText, shownPair, shownValue } from "./shown-value.ts";

describe("a value", () => {
  test("that is text is shown as it is, everything else as JSON", () => {
    expect(shownValue("two\nlines", ["description"])).toEqual({
      text: "two\nlines",
      kind: "text",
      decoded: false,
    });
    expect(shownValue("", ["description"]).kind).toBe("empty");
    expect(shownValue(null, ["a"]).text).toBe("null");
    expect(shownValue({ a: [1] }, ["a"]).text).toBe('{\n  "a": [\n    1\n  ]\n}');
  });

  test("that is a script in Base64 is shown decoded", () => {
    const script = "Write-Output 'Größe prüfen'\r\nexit 0\r\n# end of the script";
    const encoded = Buffer.from(script).toString("base64");
    expect(shownValue(encoded, ["scriptContent"])).toEqual({ text: script, kind: "text", decoded: true });
    expect(shownValue(encoded, ["displayName"]).decoded).toBe(false);
  });

  test("that only looks like Base64 stays as it is", () => {
    const binary = Buffer.from(Array.from({ length: 60 }, (_, index) => index)).toString("base64");
    expect(shownValue(binary, ["payload"]).decoded).toBe(false);
    expect(shownValue("deviceconfigurationvalue", ["value"]).decoded).toBe(false);
  });

  test("and another that differ in type only are both JSON", () => {
    expect(shownPair("1", 1, ["a"])).toMatchObject({ before: { text: '"1"' }, after: { text: "1" } });
    expect(shownPair("a", "b", ["a"])).toMatchObject({ before: { text: "a" }, after: { text: "b" } });
  });
});

describe("a long text", () => {
  test("is folded by lines and by length; a short one is not", () => {
    expect(foldedText("a\nb")).toBeNull();
    expect(foldedText(Array.from({ length: 30 }, (_, index) => index).join("\n"))).toMatchObject({
      lines: 30,
    });
    expect(foldedText("x".repeat(5_000))?.text).toHaveLength(1_200);
  });
});

describe("the differing part", () => {
  test("is what stands between the same beginning and the same end", () => {
    expect(differingParts("allow_scripts_1", "allow_scripts_0")).toEqual({
      start: "allow_scripts_",
      before: "1",
      after: "0",
      end: "",
    });
    expect(differingParts("by IT.", "by IT. Changed.")).toMatchObject({ before: "", after: " Changed." });
    expect(differingParts("aa", "aaa")).toEqual({ start: "aa", before: "", after: "a", end: "" });
  });

  test("never cuts a letter in two", () => {
    expect(differingParts("ring 😀", "ring 😁")).toMatchObject({ before: "😀", after: "😁" });
  });

  test("of texts that have nothing in common, or several lines, is none", () => {
    expect(differingParts("enabled", "off")).toBeNull();
    expect(differingParts("a\nb", "a\nc")).toBeNull();
  });
});
