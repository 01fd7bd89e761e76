/**
 * What people call a captured object: Graph keeps it in `displayName`, for settings catalog policies in `name`,
 * for branding in `profileName`.
 * @returns the first that is not blank, else the fallback; fit for a database: U+0000 and lone surrogates, which no
 *   text there can hold, as U+FFFD
 */
export function displayNameOf(document: Readonly<Record<string, unknown>>, fallback: string): string {
  for (const property of ["displayName", "name", "profileName"]) {
    const value = document[property];
    if (typeof value === "string" && value.trim() !== "") return storableText(value);
  }
  return fallback;
}

/** The text with what PostgreSQL's texts and JSON cannot hold replaced by U+FFFD. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "\ufffd");
}
