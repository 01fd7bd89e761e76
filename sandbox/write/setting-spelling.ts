import { type GraphObject, isObject, type Json, objectsOf } from "../json.ts";

/** The values of a setting that are options of its definition, known by their ids. */
function optionsOf({ choiceSettingValue, choiceSettingCollectionValue }: GraphObject): GraphObject[] {
  return [
    ...(isObject(choiceSettingValue) ? [choiceSettingValue] : []),
    ...objectsOf(choiceSettingCollectionValue),
  ];
}

/** The ids of settings and options that settings of the catalog name, at every depth. */
export function* settingIdsIn(value: Json | undefined): Generator<string> {
  if (Array.isArray(value)) {
    for (const one of value) yield* settingIdsIn(one);
    return;
  }
  if (!isObject(value)) return;
  if (typeof value.settingDefinitionId === "string") yield value.settingDefinitionId;
  for (const { value: id } of optionsOf(value)) if (typeof id === "string") yield id;
  for (const inner of Object.values(value)) yield* settingIdsIn(inner);
}

/**
 * What Graph says of the first setting with an id that Microsoft spells otherwise; null: none. Source:
 * Micke-K/IntuneManagement#241, #209 and #356, whose refusals name the setting's place in its template.
 * @param spelling an id as Microsoft spells it
 */
export function misspelling(
  settings: readonly GraphObject[],
  templateId: string,
  spelling: (id: string) => string,
): string | null {
  const isWrong = (id: string) => spelling(id) !== id;
  const find = (value: Json | undefined): string | null => {
    if (Array.isArray(value)) return value.map(find).find((one) => one !== null) ?? null;
    if (!isObject(value)) return null;
    const { settingDefinitionId: id, settingInstanceTemplateReference: reference } = value;
    const options = optionsOf(value);
    // CIPP puts the letters of both places right before it writes: Select-CIPPIntuneAvailableSetting.
    const places = [
      isObject(reference) ? reference.settingInstanceTemplateId : null,
      ...options.map(({ settingValueTemplateReference: of }) =>
        isObject(of) ? of.settingValueTemplateId : null,
      ),
    ];
    const wrong = [id, ...options.map((option) => option.value), ...places].find(
      (one) => typeof one === "string" && isWrong(one),
    );
    if (wrong === undefined)
      return (
        Object.values(value)
          .map(find)
          .find((one) => one !== null) ?? null
      );
    const place = isObject(reference) ? reference.settingInstanceTemplateId : null;
    return String(place ?? wrong);
  };
  const named = find([...settings]);
  if (named === null) return null;
  return `Info\r\nInvalid Reference id found in Policy  created from Template ${templateId}\r\nPolicyId\r\n\r\nTemplateId\r\n${templateId}\r\nInvalidReferenceId\r\n${named}`;
}

/** The settings as policies show them: ids that Microsoft spells with capital letters come back in small ones, as it exports them. */
export function shownInSmall(value: Json, isSpelled: (id: string) => boolean): Json {
  if (Array.isArray(value)) return value.map((one) => shownInSmall(one, isSpelled));
  if (!isObject(value)) return value;
  const small = (id: Json | undefined): Json | undefined =>
    typeof id === "string" && isSpelled(id) ? id.toLowerCase() : id;
  const shown: GraphObject = Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, shownInSmall(inner, isSpelled)]),
  );
  const id = small(shown.settingDefinitionId);
  if (id !== undefined) shown.settingDefinitionId = id;
  for (const option of optionsOf(shown)) {
    const chosen = small(option.value);
    if (chosen !== undefined) option.value = chosen;
  }
  return shown;
}
