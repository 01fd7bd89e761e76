/**
 * Whether PostgreSQL can store a text: it refuses NUL, and half a surrogate pair is no character.
 */
export function isStorableText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

/** A part of a value, and what it is a part of. */
interface Part {
  value: unknown;
  key: string;
  within: Part | null;
}

/**
 * Where a text lies, within a value that may be anything a client can send, that cannot be stored; null when nowhere. The
 * arguments of a server action may be deeper than the stack, and parts of themselves.
 */
export function unstorablePath(value: unknown): string | null {
  const seen = new Set<object>();
  const left: Part[] = [{ value, key: "", within: null }];
  for (let part = left.pop(); part; part = left.pop()) {
    const { value } = part;
    if (typeof value === "string" && !isStorableText(value)) return pathOf(part);
    if (typeof value !== "object" || value === null || value instanceof Date || seen.has(value)) continue;
    seen.add(value);
    const within = part;
    const parts = Object.entries(value).map(([key, value]): Part => ({ value, key, within }));
    if (parts.some(({ key }) => !isStorableText(key))) return pathOf(part);
    for (const each of parts.reverse()) left.push(each);
  }
  return null;
}

function pathOf(part: Part): string {
  const keys: string[] = [];
  for (let at: Part | null = part; at?.within; at = at.within) keys.push(at.key);
  return keys.reverse().join(".");
}
