/**
 * The text with every character escaped that LIKE would take for a wildcard.
 * @param text as a person typed it
 */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

/** A pattern of LIKE and ILIKE for what contains the text, taken literally. */
export function containing(text: string): string {
  return `%${escapeLike(text)}%`;
}
