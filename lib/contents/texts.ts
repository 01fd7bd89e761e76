import { isSecret } from "#lib/policies/secrets";

/** A text in a policy that a search can find. */
export interface SearchableText {
  /** Where it stands in the policy's document. */
  path: readonly (string | number)[];
  /** Whether it is a property's name, or a value. */
  kind: "name" | "value";
  text: string;
}

/** Longer ones that are base64 and no text are pictures, certificates and the like: nobody looks for a part of their letters. */
const longestPlainBase64 = 200;

/**
 * Every text of a policy: the names of properties that are set, and the values; scripts and other payloads that are texts in
 * base64 as the texts that they are. Left out are Graph's own annotations, which say what a type is called, and the
 * placeholders and tokens that stand for secrets.
 * @param document a policy's canonical JSON, parsed
 */
export function textsOf(document: unknown): SearchableText[] {
  const texts: SearchableText[] = [];
  const visit = (value: unknown, path: readonly (string | number)[]) => {
    if (typeof value === "string") {
      const text = textOf(value);
      if (text) texts.push({ path, kind: "value", text });
    } else if (typeof value === "number") {
      texts.push({ path, kind: "value", text: String(value) });
    } else if (Array.isArray(value)) {
      value.forEach((entry, index) => {
        visit(entry, [...path, index]);
      });
    } else if (value !== null && typeof value === "object") {
      for (const [key, inner] of Object.entries(value)) {
        if (key.includes("@odata.") || !isSet(inner)) continue;
        texts.push({ path: [...path, key], kind: "name", text: key });
        if (!isSecret(value as Record<string, unknown>, key)) visit(inner, [...path, key]);
      }
    }
  };
  visit(document, []);
  return texts;
}

/** Whether a property says anything. */
function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/** What people would read of a string: null for binary content, and for times, which nobody looks for as texts. */
function textOf(value: string): string | null {
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return null;
  if (value.length < 24 || value.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return value;
  const bytes = Buffer.from(value, "base64");
  const text = decoded(bytes);
  if (text !== null) return text;
  return value.length > longestPlainBase64 ? null : value;
}

function decoded(bytes: Uint8Array): string | null {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8";
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they tell binary content from text
    return /[\x00-\x08\x0b\x0e-\x1f\x7f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}
