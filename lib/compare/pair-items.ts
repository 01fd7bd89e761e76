/** What pairing needs to know of a policy: its stored document. */
export interface Paired {
  sha256: string;
}

/** Two policies that meet, or one that has no counterpart. */
export interface PairOf<T> {
  left: T | null;
  right: T | null;
}

/**
 * Pairs policies of one type and name, of which each side may have several: first those with equal hashes, then those
 * that say the same, then what is left in order. So a policy that is on both sides is never called changed because
 * another one has the same name. There are as many pairs as the larger side has policies.
 * @param says what each hash's document says, equal for documents without differences; absent where that is not known
 * @returns the pairs with a left side in the order of `lefts`, then the others in the order of `rights`
 */
export function pairUp<T extends Paired>(
  lefts: readonly T[],
  rights: readonly T[],
  says: { left: ReadonlyMap<string, string>; right: ReadonlyMap<string, string> } = noContents,
): PairOf<T>[] {
  const partners = new Map<T, T>();
  const taken = new Set<T>();
  const match = (leftKey: (item: T) => unknown, rightKey: (item: T) => unknown) => {
    const waiting = new Map<unknown, T[]>();
    for (const right of rights) {
      const key = rightKey(right);
      if (key === undefined || taken.has(right)) continue;
      waiting.set(key, [...(waiting.get(key) ?? []), right]);
    }
    for (const queue of waiting.values()) queue.reverse();
    for (const left of lefts) {
      if (partners.has(left)) continue;
      const right = waiting.get(leftKey(left))?.pop();
      if (right === undefined) continue;
      partners.set(left, right);
      taken.add(right);
    }
  };
  match(
    (item) => item.sha256,
    (item) => item.sha256,
  );
  match(
    (item) => says.left.get(item.sha256),
    (item) => says.right.get(item.sha256),
  );
  match(
    () => "whatever it says",
    () => "whatever it says",
  );
  return [
    ...lefts.map((left) => ({ left, right: partners.get(left) ?? null })),
    ...rights.filter((right) => !taken.has(right)).map((right) => ({ left: null, right })),
  ];
}

const noContents = { left: new Map<string, string>(), right: new Map<string, string>() };
