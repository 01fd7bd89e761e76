export interface JsonToken {
  kind: "key" | "string" | "number" | "literal" | "plain";
  text: string;
}

const tokenPattern = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b/g;

/** Cuts JSON text into pieces for coloring. Their texts joined are the input again. */
export function jsonTokens(json: string): JsonToken[] {
  const tokens: JsonToken[] = [];
  let end = 0;
  for (const match of json.matchAll(tokenPattern)) {
    if (match.index > end) tokens.push({ kind: "plain", text: json.slice(end, match.index) });
    const [whole, text, colon] = match;
    if (text === undefined) tokens.push({ kind: /^[-\d]/.test(whole) ? "number" : "literal", text: whole });
    else {
      tokens.push({ kind: colon === undefined ? "string" : "key", text });
      if (colon !== undefined) tokens.push({ kind: "plain", text: colon });
    }
    end = match.index + whole.length;
  }
  if (end < json.length) tokens.push({ kind: "plain", text: json.slice(end) });
  return tokens;
}
