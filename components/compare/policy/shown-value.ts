/** A value of a policy as people read it. */
export interface ShownValue {
  text: string;
  /** `text` is a string's own text; `json` anything else, as JSON; `empty` a string without any. */
  kind: "text" | "json" | "empty";
  /** The stored string is the Base64 of this text. */
  decoded: boolean;
}

/** Values before and after a change; where only their types differ, both are shown as JSON. */
export function shownPair(
  before: unknown,
  after: unknown,
  path: readonly string[],
): { before: ShownValue; after: ShownValue } {
  const shown = { before: shownValue(before, path), after: shownValue(after, path) };
  if (shown.before.text !== shown.after.text) return shown;
  return { before: asJson(before), after: asJson(after) };
}

/** How a value at `path` is shown: text as it is, scripts decoded, everything else as indented JSON. */
export function shownValue(value: unknown, path: readonly string[]): ShownValue {
  if (typeof value !== "string") return asJson(value);
  if (value === "") return { text: "Empty text", kind: "empty", decoded: false };
  const text = mayBeEncoded.test(path.at(-1) ?? "") ? decodedText(value) : null;
  return { text: text ?? value, kind: "text", decoded: text !== null };
}

function asJson(value: unknown): ShownValue {
  return { text: JSON.stringify(value, null, 2) ?? "null", kind: "json", decoded: false };
}

/** Properties in which Graph serves scripts, profiles and XML as Base64. */
const mayBeEncoded = /(?:content|payload|value|script)$/i;
const shortestEncoded = 40;

/** What a Base64 text says, if that is text again; null otherwise. */
function decodedText(value: string): string | null {
  if (value.length < shortestEncoded || value.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(value))
    return null;
  try {
    const bytes = Uint8Array.from(atob(value), (letter) => letter.charCodeAt(0));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what tells binary content from text
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

const foldedLines = 12;
const foldedLength = 1_200;

/** The beginning of a long text, and how many lines there are in all; null when it is short. */
export function foldedText(text: string): { text: string; lines: number } | null {
  const lines = text.split("\n");
  if (lines.length <= foldedLines && text.length <= foldedLength) return null;
  return { text: lines.slice(0, foldedLines).join("\n").slice(0, foldedLength), lines: lines.length };
}

/** Two texts cut into what they begin with alike, what differs, and what they end with alike. */
export interface DifferingParts {
  start: string;
  before: string;
  after: string;
  end: string;
}

/** Finds the one stretch in which two texts of one line differ; null where they have too little in common. */
export function differingParts(before: string, after: string): DifferingParts | null {
  if (before.includes("\n") || after.includes("\n")) return null;
  // By code points: a cut through a surrogate pair would show two broken letters.
  const [left, right] = [[...before], [...after]];
  const shorter = Math.min(left.length, right.length);
  let start = 0;
  while (start < shorter && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < shorter - start && left.at(-1 - end) === right.at(-1 - end)) end += 1;
  if (start + end === 0 || (start + end) * 3 < shorter) return null;
  return {
    start: left.slice(0, start).join(""),
    before: left.slice(start, left.length - end).join(""),
    after: right.slice(start, right.length - end).join(""),
    end: left.slice(left.length - end).join(""),
  };
}
