import { type Document, isDocument } from "./document.ts";

/**
 * The ids of settings and of options that a policy of the settings catalog names, at every depth. Graph takes them only in
 * Microsoft's own small and capital letters, else it answers "Invalid Reference id", and it gives some back in small letters:
 * Micke-K/IntuneManagement#241, #209 and #356.
 */
export function settingIdsIn({ settings }: Document): Set<string> {
  const found = new Set<string>();
  spelled(settings, (id) => {
    found.add(id);
    return id;
  });
  return found;
}

/**
 * The policy with its ids spelled as Microsoft does.
 * @param spellings those that policies spell otherwise; all others stay as they were stored
 */
export function withSpellings(document: Document, spellings: readonly string[]): Document {
  if (spellings.length === 0 || !("settings" in document)) return document;
  const own = new Map(spellings.map((id) => [id.toLowerCase(), id]));
  return { ...document, settings: spelled(document.settings, (id) => own.get(id.toLowerCase()) ?? id) };
}

/**
 * Which of the ids Microsoft spells otherwise, or with capital letters, as it does: those Graph may show in small ones.
 * @param own those of Microsoft, all that are known
 */
export function otherSpellings(ids: readonly string[], own: readonly string[]): string[] {
  const exact = new Set(own);
  const byLetters = new Map(own.map((id) => [id.toLowerCase(), id]));
  const others = ids.flatMap((id) => {
    const small = id.toLowerCase();
    if (exact.has(id)) return id === small ? [] : [id];
    return byLetters.get(small) ?? [];
  });
  return [...new Set(others)];
}

/**
 * What is an id of Microsoft's: of a setting, of its place in a template, and of its value's place there. CIPP puts the letters of
 * the places right before it writes, too (Select-CIPPIntuneAvailableSetting).
 */
const idNames: ReadonlySet<string> = new Set([
  "settingDefinitionId",
  "settingInstanceTemplateId",
  "settingValueTemplateId",
]);

/** All such ids in what Microsoft tells of a template, at every depth. */
export function idsWithin(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(idsWithin);
  if (!isDocument(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === "string" ? (idNames.has(name) ? [inner] : []) : idsWithin(inner),
  );
}

/** Options are chosen under these names. */
const chosen: ReadonlySet<string> = new Set(["choiceSettingValue", "choiceSettingCollectionValue"]);

function spelled(value: unknown, spell: (id: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => spelled(entry, spell));
  if (!isDocument(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (idNames.has(name) && typeof inner === "string") return [name, spell(inner)];
      const deeper = spelled(inner, spell);
      return [name, chosen.has(name) ? spelledOptions(deeper, spell) : deeper];
    }),
  );
}

function spelledOptions(value: unknown, spell: (id: string) => string): unknown {
  const option = (one: Document): Document =>
    typeof one.value === "string" ? { ...one, value: spell(one.value) } : one;
  if (Array.isArray(value)) return value.map((one) => (isDocument(one) ? option(one) : one));
  return isDocument(value) ? option(value) : value;
}

/** What of Graph's words names the id that it does not know. */
const unknownId = /invalid reference id.*invalidreferenceid\s+(\S+)/i;

/**
 * The setting of a request that Graph does not know under its id, as its refusal tells.
 * @param message Graph's own words: they name the setting, or its place in a template
 * @returns the setting's id; null where the refusal tells of no such thing
 */
export function unknownSetting(message: string, body: Document): string | null {
  const named = unknownId.exec(message)?.[1];
  if (named === undefined) return null;
  return settingAt(body.settings, named) ?? named;
}

function settingAt(value: unknown, place: string): string | null {
  if (Array.isArray(value))
    return value.map((one) => settingAt(one, place)).find((id) => id !== null) ?? null;
  if (!isDocument(value)) return null;
  const { settingInstanceTemplateReference: reference, settingDefinitionId: id } = value;
  if (isDocument(reference) && reference.settingInstanceTemplateId === place && typeof id === "string")
    return id;
  return settingAt(Object.values(value), place);
}
