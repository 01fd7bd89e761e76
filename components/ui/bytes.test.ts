import { expect, test } from "vitest";
import { bytesText } from "./bytes.ts";

test.each([
  [0, "0 B"],
  [812, "812 B"],
  [1_234, "1.2 kB"],
  [999_600, "1.0 MB"],
  [35_400_000, "35 MB"],
])("%d bytes read as %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});
