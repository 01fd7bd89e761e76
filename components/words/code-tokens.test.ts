import { expect, test } from "vitest";
import { codeTokens } from "./code-tokens.ts";

test("code is cut into comments, texts and words of the language, and stays whole", () => {
  const script = "# Managed\nif ($a) { Write-Output 'x' }\n";
  const tokens = codeTokens(script, "powershell");
  expect(tokens.map(({ text }) => text).join("")).toBe(script);
  expect(tokens.filter(({ kind }) => kind !== "plain").map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    "comment # Managed",
    "keyword if",
    "keyword $a",
    "keyword Write-Output",
    "string 'x'",
  ]);
  expect(codeTokens('<a b="c"/>', "xml").map(({ kind }) => kind)).toEqual(["tag", "plain", "string", "tag"]);
  expect(codeTokens("anything", "text")).toEqual([{ kind: "plain", text: "anything" }]);
});
