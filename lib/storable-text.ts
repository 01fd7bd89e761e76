/**
 * Whether PostgreSQL can store a text: it refuses NUL, and half a surrogate pair is no character.
 */
export function isStorableText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

/** Where a text lies, within a value that may be anything a client can send, that cannot be stored; null when nowhere. */
export function unstorablePath(value: unknown, path: readonly string[] = []): string | null {
  if (typeof value === "string") return isStorableText(value) ? null : path.join(".");
  if (typeof value !== "object" || value === null || value instanceof Date) return null;
  for (const [key, part] of Object.entries(value)) {
    const found = isStorableText(key) ? unstorablePath(part, [...path, key]) : path.join(".");
    if (found !== null) return found;
  }
  return null;
}
