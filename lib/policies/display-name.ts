/**
 * What people call a captured object: Graph keeps it in `displayName`, for settings catalog policies in `name`,
 * for branding in `profileName`.
 * @returns the first that is not blank, else the fallback.
 */
export function displayNameOf(document: Readonly<Record<string, unknown>>, fallback: string): string {
  for (const property of ["displayName", "name", "profileName"]) {
    const value = document[property];
    if (typeof value === "string" && value.trim() !== "") return value;
  }
  return fallback;
}
