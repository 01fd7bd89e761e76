import { expect, test } from "vitest";
import { notesInWords, volatileInWords } from "./capture-notes.ts";

test("what was not captured is said once for all properties, by their names, and of deep places by their number", () => {
  expect(notesInWords(["secret not stored: tokenValue", "secret not stored: qrCodeContent"])).toBe(
    "secret not stored: token value, QR code content",
  );
  expect(
    notesInWords([
      "secret not captured: settings[97].settingInstance.simpleSettingValue.value",
      "secret not captured: settings[98].settingInstance.simpleSettingValue.value",
      "not captured whole: /deviceManagement/x (Graph answered 500)",
    ]),
  ).toBe("secret not captured, in 2 places; not captured whole: /deviceManagement/x (Graph answered 500)");
});

test("what changes by itself is named, each property once", () => {
  const paths = [
    "version",
    "definitionValues[0].lastModifiedDateTime",
    "definitionValues[1].lastModifiedDateTime",
  ];
  expect(volatileInWords(paths)).toBe("version, last modified date");
});
