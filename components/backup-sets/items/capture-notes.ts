import { propertyName } from "#lib/words/humanize";

/**
 * What could not be captured of a policy, in words: the same said of several properties is said once, with their names, and of
 * places deep in the document with their number alone.
 * @param notes as they are stored: `secret not stored: tokenValue`
 */
export function notesInWords(notes: readonly string[]): string {
  const said = new Map<string, string[]>();
  for (const note of notes) {
    const [, what, place] = /^([a-zA-Z ]+): ([\w.[\]]+)$/.exec(note) ?? [];
    if (what === undefined || place === undefined) said.set(note, []);
    else said.set(what, [...(said.get(what) ?? []), place]);
  }
  return [...said].map(([what, places]) => what + placesInWords(places)).join("; ");
}

function placesInWords(places: readonly string[]): string {
  if (places.length === 0) return "";
  if (!places.some((place) => /[.[]/.test(place))) return `: ${places.map(inSentence).join(", ")}`;
  return places.length === 1 ? ", in one place" : `, in ${places.length} places`;
}

/**
 * Which properties change without the policy changing, in words, each once.
 * @param paths where they stand: `definitionValues[0].lastModifiedDateTime`
 */
export function volatileInWords(paths: readonly string[]): string {
  return [...new Set(paths.map((path) => inSentence(path.slice(path.lastIndexOf(".") + 1))))].join(", ");
}

function inSentence(property: string): string {
  const name = propertyName(property);
  return /^[A-Z][a-z]/.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}
