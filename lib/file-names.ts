/** Longest file name without its extension, in UTF-16 units: paths stay well below the 260 of Windows. */
export const maxFileName = 120;

/** Names that Windows keeps for devices, whatever the extension. */
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;

/**
 * A text as a file name on Windows, macOS and Linux: without separators and reserved characters, control characters,
 * dots or blanks at its ends, and no device's name. Never empty.
 * @param fallback for a text of which nothing is left
 */
export function safeFileName(text: string, fallback: string): string {
  const clean = (value: string) => {
    const replaced = [...value.toWellFormed().normalize("NFC")]
      .map((character) => (/[<>:"/\\|?*\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character) ? "_" : character))
      .join("");
    const cut = cutTo(replaced.replace(/\s+/g, " "), maxFileName);
    return cut.replace(/^[. ]+|[. ]+$/g, "");
  };
  const name = clean(text) || clean(fallback) || "_";
  return reserved.test(name) ? `_${name}` : name;
}

/** The first characters of a text, at most `length` UTF-16 units, never half of one. */
export function cutTo(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}
