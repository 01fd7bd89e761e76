import { isObject } from "#lib/graph/shape";

/** Beyond this a list without ids is compared in its order: every pairing would take too long. */
const PAIRED_ONE_BY_ONE = 300;

/**
 * Whether two documents agree in everything that both tell. A property that only one of them has is passed over, at any
 * depth: an earlier revision of the catalog did not read it. Values, and how many entries a list has, must agree; the
 * entries of lists are paired by id, else whichever agree.
 */
export function agreeWhereBothTell(earlier: unknown, later: unknown): boolean {
  if (Array.isArray(earlier) && Array.isArray(later)) return listsAgree(earlier, later);
  if (isObject(earlier) && isObject(later)) {
    return Object.keys(earlier).every(
      (key) => !Object.hasOwn(later, key) || agreeWhereBothTell(earlier[key], later[key]),
    );
  }
  return earlier === later && earlier !== undefined;
}

function listsAgree(earlier: readonly unknown[], later: readonly unknown[]): boolean {
  if (earlier.length !== later.length) return false;
  if (!earlier.every(isObject) || earlier.length > PAIRED_ONE_BY_ONE) {
    return earlier.every((entry, index) => agreeWhereBothTell(entry, later[index]));
  }
  const open = new Set(later);
  return earlier.every((entry) => {
    for (const candidate of open) {
      const sameId = !isObject(candidate) || candidate.id === undefined || candidate.id === entry.id;
      if (!sameId || !agreeWhereBothTell(entry, candidate)) continue;
      open.delete(candidate);
      return true;
    }
    return false;
  });
}
