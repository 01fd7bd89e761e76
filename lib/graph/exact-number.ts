/** A number of a JSON text that JavaScript's doubles cannot hold, kept as it was written. */
export class ExactNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  /** Where only JSON can go, the nearest double. */
  toJSON(): number {
    return Number(this.source);
  }
}

/** Sixteen digits in a row, with or without a point: below that every number survives. */
const suspicious = /\d(?:\.?\d){15}/;

/**
 * Parses JSON; what a double cannot hold, such as an Int64 beyond 2^53, becomes an ExactNumber instead of another
 * number.
 * @throws SyntaxError
 */
export function parseExactly(text: string): unknown {
  // The reviver takes several times as long, and hardly an answer needs it.
  if (!suspicious.test(text)) return JSON.parse(text);
  return JSON.parse(text, keepExact as (key: string, value: unknown) => unknown);
}

/**
 * Stands before the digits of a number that a double cannot hold, where a stored document is read: they are a text then, which
 * compares, is shown and is stored as it is written. It has no width, and no text of Graph's begins with it.
 */
const mark = "\u2060";
const marked = new RegExp(`"${mark}(-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)"`, "g");

/**
 * Parses a stored document. What a double cannot hold becomes the text of its digits, marked, so that nothing that is done with
 * the document changes it; `writeExactly` makes numbers of these again.
 * @throws SyntaxError
 */
export function readExactly(json: string): unknown {
  if (!suspicious.test(json)) return JSON.parse(json);
  return JSON.parse(json, ((key: string, value: unknown, context: { source?: string }) => {
    const kept = keepExact(key, value, context);
    return kept instanceof ExactNumber ? `${mark}${kept.source}` : kept;
  }) as (key: string, value: unknown) => unknown);
}

/** A text that `readExactly` has read, or that was copied from where one is shown, as it is without the mark. */
export function withoutMark(text: string): string {
  return text.startsWith(mark) ? text.slice(mark.length) : text;
}

/**
 * The JSON of what `readExactly` has read, or of what was made of it.
 * @param indent spaces of each level; without it, one line
 */
export function writeExactly(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(marked, "$1");
}

/** Node passes what was written as a third argument ("JSON.parse source text access"); the typings do not know it yet. */
function keepExact(_key: string, value: unknown, context: { source?: string }): unknown {
  const { source } = context;
  if (typeof value !== "number" || source === undefined) return value;
  return isExact(value, source) ? value : new ExactNumber(source);
}

/** Whether writing the double, as canonical JSON does, gives the same number again. */
function isExact(value: number, source: string): boolean {
  return significant(String(value)) === significant(source);
}

/** The digits that count, without point, exponent and zeros at either end. */
function significant(text: string): string {
  return (text.split(/e/i)[0] ?? "").replace(/[-+.]/g, "").replace(/^0+|0+$/g, "");
}
