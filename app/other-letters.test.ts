import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** The font's faces in a style sheet: file → the letters that it is fetched for. */
function faces(css: string): Map<string, string> {
  const found = css.matchAll(/files\/([\w-]+\.woff2)[^}]*?unicode-range:\s*([^;]+);/g);
  return new Map([...found].map(([, file = "", letters = ""]) => [file, letters.replace(/\s/g, "")]));
}

test("letters other than Latin ones come from the files, and for the letters, that the font's package names", () => {
  const ours = faces(readFileSync(new URL("other-letters.css", import.meta.url), "utf8"));
  const theirs = faces(
    readFileSync(new URL(import.meta.resolve("@fontsource-variable/inter/wght.css")), "utf8"),
  );
  // font.ts has it, and shows text in another font rather than to change it under the reader's eyes.
  expect(theirs.delete("inter-latin-wght-normal.woff2")).toBe(true);
  expect([...ours]).toEqual([...theirs]);
});
