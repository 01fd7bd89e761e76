import { createHash } from "node:crypto";
import type { WordValue } from "./schema.ts";

/** Properties in which Graph serves scripts, profiles, XML and JSON, as they are or as Base64. */
export const mayHoldCode =
  /(?:content|payload|payloadJson|xml|script|certificate|file|value|manifest|icon|image|logo|logoDark|favicon|css|blob|data|bytes)$/i;

/** Properties that hold nothing but Base64, by their types in Graph. */
const alwaysEncoded = /(?:scriptContent|payload|certificate)$/i;

const base64 = /^[A-Za-z0-9+/]{16,}={0,2}$/;
/** A hash reads as Base64, too. */
const hexadecimal = /^[0-9a-f]+$/i;

/**
 * Code behind a text of a document: decoded where it is Base64, with what it is written in; null for plain texts.
 * @param property where it stands
 * @param type of the object that it stands in, short: `deviceShellScript`
 * @param fileName the object's own, where it has one
 */
export function codeIn(
  text: string,
  { property, type, fileName }: { property: string; type: string; fileName: string },
): WordValue | null {
  if (!mayHoldCode.test(property)) return null;
  const decoded =
    text.length % 4 === 0 && base64.test(text) && !hexadecimal.test(text) ? decodedText(text) : null;
  if (decoded && (alwaysEncoded.test(property) || isClear(text, decoded))) {
    if ("bytes" in decoded) return { kind: "text", text: binaryInWords(decoded.bytes) };
    return {
      kind: "code",
      text: decoded.text,
      language: languageOf(decoded.text, property, type, fileName),
      encoding: `Base64, ${decoded.encoding}`,
    };
  }
  const language = languageOf(text, "", "", fileName);
  const isCode = language !== "text" || text.includes("\n");
  return isCode ? { kind: "code", text, language, encoding: "Text" } : null;
}

/** Hex digits of a digest: enough to tell two certificates or images of one size apart. */
const digestLength = 12;

/** What can be said of bytes that are no text: another certificate or image reads otherwise, whatever its size. */
function binaryInWords(bytes: Uint8Array): string {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, digestLength);
  return `Binary, ${bytes.length} bytes, SHA-256 ${digest}…`;
}

type Decoded = { text: string; encoding: TextEncoding } | { bytes: Uint8Array };

/** What Base64 stands for: a text with its encoding, or bytes; null where it cannot be decoded. */
function decodedText(encoded: string): Decoded | null {
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
  return textIn(bytes) ?? { bytes };
}

/** Letters of Base64 from which on it is no accident that they are those of a text. */
const longEnough = 64;

/**
 * Whether a value that could be Base64 is: names, paths and keys are made of the same letters, and some bytes or other can be made of
 * each. A short one has to come out as words or as code, and bytes that are no text must not look like words as they are.
 */
function isClear(encoded: string, decoded: Decoded): boolean {
  const isLong = encoded.length >= longEnough;
  if ("bytes" in decoded) return isLong && !looksWritten(encoded);
  const { text, encoding } = decoded;
  const special = text.match(/[^\t\n\r -~]/gu) ?? [];
  // It reads nearly anything: only scripts have a few such letters among many plain ones.
  if (encoding === "Windows-1252" && special.length > text.length / 6) return false;
  if (isLong) return true;
  const isReadable = special.every((letter) => /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(letter));
  return (isReadable && /\S\s+\S/.test(text)) || languageOf(text, "", "", "") !== "text";
}

/** Whether letters look like a name or a path: those of bytes are of every kind, and few more than 26 of 64 are small. */
function looksWritten(encoded: string): boolean {
  const small = encoded.match(/[a-z]/g)?.length ?? 0;
  const isOfEveryKind = [/[a-z]/, /[A-Z]/, /\d/, /[+/=]/].every((kind) => kind.test(encoded));
  return !isOfEveryKind || small > encoded.length * 0.6;
}

/** The text that some bytes are, with its encoding, as people are shown it; null for binary content. */
export function textIn(bytes: Uint8Array): { text: string; encoding: TextEncoding } | null {
  for (const { name, label, begins } of encodings) {
    if (!begins.every((byte, at) => bytes[at] === byte)) continue;
    try {
      const text = new TextDecoder(label, { fatal: true }).decode(bytes);
      if (!notText.test(text)) return { text, encoding: name };
    } catch {
      // Not of this encoding.
    }
  }
  return null;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what tells binary content from text
const notText = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** In the order in which they are tried; Windows-1252 reads anything that is no UTF-8. */
const encodings = [
  { name: "UTF-8 with BOM", label: "utf-8", begins: [0xef, 0xbb, 0xbf] },
  { name: "UTF-16 LE", label: "utf-16le", begins: [0xff, 0xfe] },
  { name: "UTF-16 BE", label: "utf-16be", begins: [0xfe, 0xff] },
  { name: "UTF-8", label: "utf-8", begins: [] },
  { name: "Windows-1252", label: "windows-1252", begins: [] },
] as const;
type TextEncoding = (typeof encodings)[number]["name"];

const languageByExtension: ReadonlyMap<string, string> = new Map([
  ["ps1", "powershell"],
  ["psm1", "powershell"],
  ["sh", "shell"],
  ["zsh", "shell"],
  ["py", "python"],
  ["mobileconfig", "xml"],
  ["xml", "xml"],
  ["plist", "xml"],
  ["json", "json"],
]);

const powershellTypes = new Set(["deviceManagementScript", "deviceHealthScript", "deviceComplianceScript"]);

function languageOf(text: string, property: string, type: string, fileName: string): string {
  const shebang = /^#!\S*?\b(?:env\s+)?(python|bash|zsh|sh)[\d.]*\b/.exec(text.replace(/^\uFEFF/, ""))?.[1];
  if (shebang !== undefined) return shebang === "python" ? "python" : "shell";
  const byName = languageByExtension.get(/\.([a-z\d]+)$/i.exec(fileName)?.[1]?.toLowerCase() ?? "");
  if (byName !== undefined && property !== "") return byName;
  if (/^\s*<[?!a-z][^>]*>/i.test(text)) return "xml";
  if (/^\s*[{[]/.test(text) && isJson(text)) return "json";
  return powershellTypes.has(type) ? "powershell" : /css$/i.test(property) ? "css" : "text";
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
