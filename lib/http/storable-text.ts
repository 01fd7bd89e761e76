/**
 * Whether PostgreSQL can store a text: it refuses NUL, and half a surrogate pair is no character.
 */
export function isStorableText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
