import { withoutMark } from "#lib/graph/exact-number";
import { pathText } from "#lib/path-text";
import { isSecret } from "#lib/policies/secrets";
import { everyone } from "#lib/words/assignments";
import { mayHoldCode } from "#lib/words/decoded-code";
import { enumValue, propertyName } from "#lib/words/humanize";
import type { ContentMatch, ContentPlace } from "./schema.ts";
import { fold } from "./terms.ts";
import { type SearchableText, textsOf } from "./texts.ts";

/** What is looked for. */
export interface Needle {
  /** Folded; any part of a text. */
  text: string;
  /** Ids that are called so, folded → name: a value that is one of them is found too. */
  named: ReadonlyMap<string, string>;
  place: ContentPlace;
}

/** Letters that an excerpt shows before and after what was found. */
const around = 60;

/** Ids and names by which a setting is known, beside the names of properties. */
const settingProperties = new Set([
  "settingDefinitionId",
  "omaUri",
  "definitionId",
  "classType",
  "categoryPath",
]);

/** Where in conditional access and in authentication methods it stands who they are for. */
const audiences = new Set(["users", "includeTargets", "excludeTargets"]);

/**
 * Where a policy holds what is looked for: whether it does is decided here alone.
 * @param document the policy's canonical JSON, parsed by `readExactly`
 * @param most how many places are described
 */
export function findMatches(
  document: unknown,
  needle: Needle,
  most: number,
): { count: number; matches: ContentMatch[] } {
  const found = textsOf(document).filter(
    (text) => isInPlace(text, needle.place) && (holds(text, needle) || isNamed(text, needle)),
  );
  return {
    count: found.length,
    matches: found.slice(0, most).map((text) => ({
      path: pathText(text.path),
      excerpt: excerptOf(document, text, needle),
      name: isNamed(text, needle) ? (needle.named.get(fold(text.text)) ?? null) : null,
    })),
  };
}

/** Ids that are looked for in a document's JSON before it is parsed, at most. */
const idsLookedFor = 20;

/** A text that is base64 as a whole, of which another text may have been made. */
const payload = /"[A-Za-z0-9+/]{22,}={0,2}"(?!:)/;
/** A shorter one, of a property that may hold code. */
const shortPayload = new RegExp(
  `":"(?<=${mayHoldCode.source.replace(/\$$/, "")}":")[A-Za-z0-9+/]{16,}={0,2}"`,
  "i",
);

/**
 * Whether it is worth parsing a document: its texts stand in its JSON as they are, but for payloads in base64 and for
 * letters that JSON escapes.
 * @param json canonical
 */
export function mayHold(json: string, { text, named }: Pick<Needle, "text" | "named">): boolean {
  const wanted = [text, ...named.keys()];
  if (named.size > idsLookedFor || !wanted.every(isPlain)) return true;
  if (payload.test(json) || shortPayload.test(json)) return true;
  if (everyoneFolded.some(([type, said]) => said.includes(text) && json.includes(type))) return true;
  const folded = fold(json);
  return [...wanted, inOneWord(text)].some((each) => folded.includes(each));
}

/** Whom policies are for that are for all: what is said of them stands in no JSON. */
const everyoneFolded = [...everyone].map(([type, said]) => [type, fold(said)] as const);

/** Whether a text stands in JSON as it is: without what is escaped, or would merge with an escape before it. */
function isPlain(text: string): boolean {
  return !/["\\\p{Cc}\p{Cs}]|^\p{M}/u.test(text);
}

/** A value as Graph writes those of enums: several words in one. */
const enumLike = /^[a-z][a-z\d]*[A-Z][A-Za-z\d]*$/;

function holds({ kind, text }: SearchableText, needle: Needle): boolean {
  if (fold(text).includes(needle.text)) return true;
  if (kind === "name") return isSaidSo(text, needle.text, propertyName);
  return enumLike.test(text) && isSaidSo(text, needle.text, enumValue);
}

/**
 * Whether a property's name, or an enum's value, holds a text as people are shown it: `passwordMinimumLength` as *password minimum
 * length*. The words stand there one behind the other, so the index leaves out no policy that has it.
 */
function isSaidSo(written: string, text: string, inWords: (written: string) => string): boolean {
  const word = inOneWord(text);
  return word !== text && fold(written).includes(word) && fold(inWords(written)).includes(text);
}

/** Words as they stand in the name of a property, or in the value of an enum. */
function inOneWord(text: string): string {
  return text.replaceAll(/[\s-]+/g, "");
}

function isNamed({ path, kind, text }: SearchableText, { named }: Needle): boolean {
  if (kind !== "value" || named.size === 0 || !named.has(fold(text))) return false;
  // Scope tags are numbered: elsewhere a number is a number.
  return text.length > 8 || path.some((step) => typeof step === "string" && step.startsWith("roleScopeTag"));
}

function isInPlace({ path, kind }: SearchableText, place: ContentPlace): boolean {
  if (place === "anywhere") return true;
  const isAudience =
    path[0] === "assignments" ||
    path.slice(0, -1).some((step) => typeof step === "string" && audiences.has(step));
  if (place === "assignments") return isAudience && kind === "value";
  if (isAudience) return false;
  return kind === "name" || isNameOfSetting(path);
}

function isNameOfSetting(path: SearchableText["path"]): boolean {
  const property = path.at(-1);
  if (typeof property !== "string") return false;
  if (settingProperties.has(property)) return true;
  // The settings of administrative templates come with their definitions.
  return property === "displayName" && path.some((step) => step === "definition" || step === "presentation");
}

/** The text around what was found; with the name of a property or setting, what it is set to. */
function excerptOf(document: unknown, { path, kind, text }: SearchableText, needle: Needle): string {
  const at = fold(text).indexOf(needle.text);
  const shown = clipped(text, Math.max(at, 0), at < 0 ? text.length : needle.text.length);
  const said = kind === "name" ? valueAt(document, path) : valueOfSetting(document, path);
  return said === null ? shown : `${shown}: ${clipped(said, 0, 0)}`;
}

function clipped(text: string, at: number, length: number): string {
  const letters = text.slice(Math.max(0, at - around), at + length + around).replace(/\s+/g, " ");
  const bounded = letters.length > 4 * around ? `${letters.slice(0, 4 * around)}…` : letters;
  return `${at > around ? "…" : ""}${bounded}${at + length + around < text.length ? "…" : ""}`;
}

/** A plain value, as text; null for what is more, and for secrets. */
function valueAt(document: unknown, path: SearchableText["path"]): string | null {
  let owner: unknown = null;
  let value: unknown = document;
  for (const step of path) {
    owner = value;
    if (value === null || typeof value !== "object") return null;
    value = (value as Record<string | number, unknown>)[step];
  }
  const property = path.at(-1);
  if (
    owner !== null &&
    typeof owner === "object" &&
    typeof property === "string" &&
    isSecret(owner as Record<string, unknown>, property)
  )
    return null;
  return plain(value);
}

function plain(value: unknown): string | null {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return withoutMark(String(value));
  return null;
}

/** What a setting of the settings catalog is set to, of the id that says which it is. */
function valueOfSetting(document: unknown, path: SearchableText["path"]): string | null {
  if (path.at(-1) !== "settingDefinitionId") return null;
  const instance = path.slice(0, -1);
  for (const property of ["choiceSettingValue", "simpleSettingValue"]) {
    const value = valueAt(document, [...instance, property, "value"]);
    if (value !== null) return value;
  }
  return null;
}
