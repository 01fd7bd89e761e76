import { expect, test } from "vitest";
import { idsWithin, otherSpellings, settingIdsIn, unknownSetting, withSpellings } from "./spellings.ts";

test("only ids that Microsoft spells otherwise, or with capital letters, are told, as it spells them", () => {
  const own = ["A", "b_1", "B_2", "same", "Same"];
  expect(otherSpellings(["a", "b_1", "b_2", "same", "unknown"], own)).toEqual(["A", "B_2"]);
  // Graph may show it in small letters in the live policy.
  expect(otherSpellings(["A", "Same"], own)).toEqual(["A", "Same"]);
});

test("places in a template are ids as well, at every depth", () => {
  const reference = (letters: string) => ({
    settingInstance: {
      settingDefinitionId: "a",
      settingInstanceTemplateReference: { settingInstanceTemplateId: `${letters}00b` },
      choiceSettingValue: {
        value: "a_1",
        settingValueTemplateReference: { settingValueTemplateId: `${letters}11c` },
      },
    },
  });
  const stored = { settings: [reference("f")] };
  const own = idsWithin({
    settingInstanceTemplateId: "F00b",
    settingDefinitionId: "a",
    choiceSettingValueTemplate: { settingValueTemplateId: "F11c", text: "x" },
  });
  const spellings = otherSpellings([...settingIdsIn(stored)], own);
  expect(withSpellings(stored, spellings)).toEqual({ settings: [reference("F")] });
});

test("a refusal that names a place in a template is told by the setting that stands there", () => {
  const place = "f00bbe6f-591a-470d-b640-c707a10f32df";
  const message = `Graph answered 400: Info Invalid Reference id found in Policy created from Template t_1 PolicyId TemplateId t_1 InvalidReferenceId ${place} - Operation ID`;
  const settingInstance = {
    settingDefinitionId: "a_b",
    settingInstanceTemplateReference: { settingInstanceTemplateId: place },
  };
  expect(unknownSetting(message, { settings: [{ settingInstance }] })).toBe("a_b");
  expect(unknownSetting(message, { settings: [] })).toBe(place);
  expect(
    unknownSetting("Graph answered 400: something else", { settings: [{ settingInstance }] }),
  ).toBeNull();
});
