import { expect, test } from "vitest";
import { otherSpellings, unknownSetting } from "./spellings.ts";

test("only ids that Microsoft spells otherwise are told, as it spells them", () => {
  const own = ["A", "b_1", "B_2", "same", "Same"];
  expect(otherSpellings(["a", "A", "b_1", "b_2", "same", "unknown"], own)).toEqual(["A", "B_2"]);
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
