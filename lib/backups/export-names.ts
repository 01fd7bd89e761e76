import { findType } from "#lib/policies/catalog";

/** Longest file name without its extension, in UTF-16 units: paths stay well below the 260 of Windows. */
const maxLength = 120;

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
    const cut = cutTo(replaced.replace(/\s+/g, " "), maxLength);
    return cut.replace(/^[. ]+|[. ]+$/g, "");
  };
  const name = clean(text) || clean(fallback) || "_";
  return reserved.test(name) ? `_${name}` : name;
}

/** Gives each item of an export a path of its own. Paths that differ only in case count as the same. */
export class ExportPaths {
  readonly #taken = new Set<string>(["manifest.json", "ids.json"]);

  /**
   * The path of an item: the folder of its type (IntuneManagement's names) and its name; with its Graph id behind when
   * another item of the folder has that name already, as IntuneManagement itself does.
   */
  pathOf(item: { policy_type: string; graph_id: string; display_name: string }): string {
    const folder = findType(item.policy_type)?.exportFolder ?? safeFileName(item.policy_type, "Other");
    const name = safeFileName(item.display_name, item.graph_id);
    const id = safeFileName(item.graph_id, "item");
    for (let attempt = 0; ; attempt += 1) {
      const suffix = attempt === 0 ? "" : attempt === 1 ? `_${id}` : `_${id}_${attempt}`;
      const path = `${folder}/${cutTo(name, maxLength + 40 - suffix.length)}${suffix}.json`;
      // Windows and macOS compare names without regard to case, macOS without regard to composition too.
      const key = path.normalize("NFC").toLowerCase();
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      return path;
    }
  }
}

/** The first characters of a text, at most `length` UTF-16 units, never half of one. */
function cutTo(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}
