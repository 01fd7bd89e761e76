/**
 * A place takes nothing more, whatever it is. The message is one line, for people; it may say what a database would say of its own
 * disk or network, and is not to be taken for that (`isUnreachable`).
 */
export class PlaceFault extends Error {}

/** What the file system says of a place, and not of one file in it. */
const saidOfPlaces: Readonly<Record<string, string>> = {
  ENOSPC: "is full",
  EDQUOT: "is full, as far as its quota goes",
  EROFS: "can only be read",
};

/**
 * What an error of the file system says of the place where something was to be written.
 * @param place as people call it
 * @returns null where it may be about one file alone
 */
export function placeFault(error: unknown, place: string): PlaceFault | null {
  if (!(error instanceof Error) || !("code" in error)) return null;
  const said = saidOfPlaces[String(error.code)];
  return said === undefined ? null : new PlaceFault(`${place} ${said} (${error.message}).`, { cause: error });
}

/** What an error says. One of a connection that was tried at several addresses has no message, but a code. */
export function saidBy(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ("code" in error ? String(error.code) : error.name);
}
