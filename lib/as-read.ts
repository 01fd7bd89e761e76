import { AppError } from "#lib/errors";

/**
 * The fields in which something differs from how it was read. Of a list the order counts.
 * @param read fields that it does not name are not compared
 */
export function changedSince<T extends object>(read: Partial<T>, current: T): (keyof T & string)[] {
  const names = Object.keys(read) as (keyof T & string)[];
  return names.filter((name) => JSON.stringify(read[name]) !== JSON.stringify(current[name]));
}

/** What somebody wants, on top of what it is by now: the fields that they changed themselves, and of the others what is so. */
export function onTopOf<T extends object>(read: T, wanted: T, current: T): T {
  const mine = changedSince(read, wanted).map((name) => [name, wanted[name]]);
  return { ...current, ...Object.fromEntries(mine) };
}

/**
 * Keeps who replaces something from overwriting what somebody else has saved since they read it. The caller holds a lock on it.
 * @param read what they read; undefined: they replace whatever is there
 * @throws AppError EDIT_CONFLICT, which names the fields that are not as they were read
 */
export function requireAsRead<T extends object>(read: Partial<T> | undefined, current: T): void {
  const changed = read === undefined ? [] : changedSince(read, current);
  if (changed.length === 0) return;
  throw new AppError(
    "EDIT_CONFLICT",
    `Somebody has changed ${changed.join(", ")} since you read it. Read it again, then repeat.`,
    { details: { changed } },
  );
}
