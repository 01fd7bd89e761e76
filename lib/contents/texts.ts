import { withoutMark } from "#lib/graph/exact-number";
import { isSecret } from "#lib/policies/secrets";
import { everyone } from "#lib/words/assignments";
import { mayHoldCode, textIn } from "#lib/words/decoded-code";

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
 * base64 as the texts that they are, as people are shown them in words. Left out are Graph's own annotations, which say what a type is called, but for
 * those that say that a policy is for all devices or users; and the placeholders and tokens that stand for secrets.
 * @param document a policy's canonical JSON, parsed by `readExactly`
 */
export function textsOf(document: unknown): SearchableText[] {
  const texts: SearchableText[] = [];
  const visit = (value: unknown, path: readonly (string | number)[]) => {
    if (typeof value === "string") {
      for (const text of textsIn(value, path.at(-1))) if (text) texts.push({ path, kind: "value", text });
    } else if (typeof value === "number") {
      texts.push({ path, kind: "value", text: String(value) });
    } else if (Array.isArray(value)) {
      value.forEach((entry, index) => {
        visit(entry, [...path, index]);
      });
    } else if (value !== null && typeof value === "object") {
      for (const [key, inner] of Object.entries(value)) {
        const all = key === "@odata.type" ? everyone.get(shortOf(inner)) : undefined;
        if (all !== undefined) texts.push({ path: [...path, key], kind: "value", text: all });
        if (key.includes("@odata.") || !isSet(inner)) continue;
        texts.push({ path: [...path, key], kind: "name", text: key });
        if (!isSecret(value as Record<string, unknown>, key)) visit(inner, [...path, key]);
      }
    }
  };
  visit(document, []);
  return texts;
}

/** `#microsoft.graph.allDevicesAssignmentTarget` without its namespace. */
function shortOf(type: unknown): string {
  return typeof type === "string" ? type.slice(type.lastIndexOf(".") + 1) : "";
}

/** Whether a property says anything. */
function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/**
 * What people would read of a string: nothing of binary content, and of times, which nobody looks for as texts.
 * @param property where it stands
 */
function textsIn(value: string, property: string | number | undefined): string[] {
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return [];
  // A hash reads as base64, too.
  const isCode = typeof property === "string" && mayHoldCode.test(property) && !/^[0-9a-f]+$/i.test(value);
  if (!isPayload(value, isCode)) return [withoutMark(value)];
  const found = textIn(Buffer.from(value, "base64"));
  // Windows-1252 reads nearly anything: it is believed where policies hold scripts, and the letters may be meant as they are.
  const isGuess = found?.encoding === "Windows-1252";
  if (found && !isGuess) return [found.text];
  return [...(found && isCode ? [found.text] : []), ...(value.length > longestPlainBase64 ? [] : [value])];
}

/** Whether a string is base64 that may stand for a text: where policies hold scripts, a short one too. */
function isPayload(value: string, isCode: boolean): boolean {
  if (value.length % 4 !== 0 || value.length < (isCode ? 16 : 24)) return false;
  return /^[A-Za-z0-9+/]{16,}={0,2}$/.test(value);
}
