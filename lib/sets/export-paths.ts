import { cutTo, maxFileName, safeFileName } from "#lib/file-names";
import { findType } from "#lib/policies/catalog";

/** Gives each item of an export a path of its own. Paths that differ only in case count as the same. */
export class ExportPaths {
  readonly #taken = new Set<string>(["manifest.json", "ids.json"]);

  /**
   * The path of an item: the folder of its type (IntuneManagement's names) and its name; with its Graph id behind when
   * another item of the folder has that name already, as IntuneManagement itself does.
   * @param document the item's JSON, which decides about the folder of some types
   */
  pathOf(
    item: { policy_type: string; graph_id: string; display_name: string },
    document: Uint8Array,
  ): string {
    const folder = folderOf(item.policy_type, document);
    const name = safeFileName(item.display_name, item.graph_id);
    const id = safeFileName(item.graph_id, "item");
    for (let attempt = 0; ; attempt += 1) {
      const suffix = attempt === 0 ? "" : attempt === 1 ? `_${id}` : `_${id}_${attempt}`;
      const path = `${folder}/${cutTo(name, maxFileName + 40 - suffix.length)}${suffix}.json`;
      // Windows and macOS compare names without regard to case, macOS without regard to composition too.
      const key = path.normalize("NFC").toLowerCase();
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      return path;
    }
  }
}

function folderOf(policyType: string, document: Uint8Array): string {
  const type = findType(policyType);
  if (!type) return safeFileName(policyType, "Other");
  const { exportFolderWhen: other } = type;
  if (!other) return type.exportFolder;
  const { [other.property]: value } = JSON.parse(new TextDecoder().decode(document)) as Record<
    string,
    unknown
  >;
  return value === true ? other.folder : type.exportFolder;
}
