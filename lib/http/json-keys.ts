/**
 * The first key that one object of a JSON text names twice, or null. JSON.parse keeps the last silently, and who
 * checked the request before us may have looked at the first (RFC 8259, section 4).
 * @param json a text that JSON.parse accepts
 */
export function repeatedKey(json: string): string | null {
  const open: (Set<string> | null)[] = [];
  for (const match of json.matchAll(/[{}[\]]|"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g)) {
    const token = match[0];
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(null);
    else if (token === "}" || token === "]") open.pop();
    else if (match[1] !== undefined) {
      const key: string = JSON.parse(token.slice(0, token.length - match[1].length));
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return null;
}
