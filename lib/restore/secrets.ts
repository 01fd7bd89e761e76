import { type Document, documentsOf, isDocument, same, typeOf } from "./document.ts";
import { filesToGive, isFileFetched, isOfOnboardingFile, isOnboardingFile } from "./onboarding-files.ts";
import type { Reason } from "./plan.ts";
import { blankWithheld, withWithheld } from "./withheld.ts";

/** A document with the secrets that a person gave, and those that are still missing. */
interface WithSecrets {
  document: Document;
  reasons: Reason[];
}

/**
 * Fills in the values that Graph does not return. Where the live object holds the same, it keeps them.
 * @param live what the item is written over; null where it is made
 * @param sent names of the document's properties that are written with it
 */
export function withSecrets(
  document: Document,
  live: Document | null,
  given: ReadonlyMap<string, string>,
  sent: readonly string[],
): WithSecrets {
  const reasons: Reason[] = [];
  const held = JSON.stringify(live?.settings ?? null);
  const missing = (path: string, message = "Graph never returns this secret: give its value.") =>
    reasons.push({ code: "secret", path, message });
  const visit = (value: unknown, at: string): unknown => {
    if (Array.isArray(value)) return value.map((entry, index) => visit(entry, `${at}/${index}`));
    if (!isDocument(value)) return value;
    if (typeOf(value) === "deviceManagementConfigurationSecretSettingValue") {
      const path = `${at}/value`;
      const secret = given.get(path);
      if (secret !== undefined) return { ...value, value: secret, valueState: "notEncrypted" };
      if (live === null || !held.includes(JSON.stringify(value.value))) missing(path);
      return value;
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, visit(inner, `${at}/${name}`)]),
    );
  };
  // Settings have kinds of secrets of their own.
  const others = sent.filter((name) => name !== "settings" && name !== "omaSettings");
  let result = withWithheld(document, live, others, given, missing);
  if ("settings" in document) result = { ...result, settings: visit(document.settings, "settings") };
  if (Array.isArray(document.omaSettings) && !same(document.omaSettings, live?.omaSettings))
    result = { ...result, omaSettings: omaSettings(document.omaSettings, given, missing) };
  for (const { definitionId, index, message } of filesToGive(document, live)) {
    const path = `settings/${index}/value`;
    const content = given.get(path);
    if (content === undefined) missing(path, message);
    else result = { ...result, settings: withFile(documentsOf(result.settings), definitionId, content) };
  }
  return { document: result, reasons };
}

function withFile(settings: readonly Document[], definitionId: string, content: string): Document[] {
  const file = {
    "@odata.type": "#microsoft.graph.deviceManagementStringSettingInstance",
    definitionId,
    valueJson: JSON.stringify(content),
    value: content,
  };
  const isThere = settings.some((setting) => setting.definitionId === definitionId);
  if (!isThere) return [...settings, file];
  return settings.map((setting) =>
    setting.definitionId === definitionId ? { ...setting, ...file } : setting,
  );
}

/** Encrypted values come back masked; the masked object is refused, and so the value is written plain. */
function omaSettings(
  list: readonly unknown[],
  given: ReadonlyMap<string, string>,
  missing: (path: string) => void,
): unknown {
  return list.map((setting, index) => {
    if (!isDocument(setting) || setting.isEncrypted !== true) return setting;
    const path = `omaSettings/${index}/value`;
    const secret = given.get(path);
    if (secret === undefined) {
      missing(path);
      return setting;
    }
    const base64 = ["omaSettingStringXml", "omaSettingBase64"].includes(typeOf(setting));
    return { ...setting, value: base64 ? Buffer.from(secret, "utf8").toString("base64") : secret };
  });
}

/**
 * Backup and live policy without the values that nobody can read back: what was given cannot be compared with what Graph
 * says of it.
 */
export function blankSecrets(backup: Document, live: Document): [backup: Document, live: Document] {
  const uris = new Set(
    documentsOf(backup.omaSettings)
      .filter(({ isEncrypted }) => isEncrypted === true)
      .map(({ omaUri }) => omaUri),
  );
  const blank = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(blank);
    if (!isDocument(value)) return value;
    if (typeOf(value) === "deviceManagementConfigurationSecretSettingValue")
      return { "@odata.type": value["@odata.type"], value: "", valueState: "notEncrypted" };
    if (value.omaUri !== undefined && uris.has(value.omaUri))
      return { "@odata.type": value["@odata.type"], displayName: value.displayName, omaUri: value.omaUri };
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, blank(inner)]));
  };
  const blanked = (document: Document): Document => {
    const result = blank(document);
    return isDocument(result) ? withoutFiles(result) : document;
  };
  return blankWithheld(blanked(backup), blanked(live));
}

/** Of a file that Intune fetches its name and kind say nothing, either: they are not sent. */
function withoutFiles(document: Document): Document {
  const settings = documentsOf(document.settings);
  const isLeftOut = isFileFetched(document) ? isOfOnboardingFile : isOnboardingFile;
  if (!settings.some(isLeftOut)) return document;
  return { ...document, settings: settings.filter((setting) => !isLeftOut(setting)) };
}
