/** What of a set tells whether it is of a kind with another. */
interface Likeness {
  backup_schedule_id: number;
  schedule_name: string;
  item_count: number;
}

/**
 * The set of another tenant that is most likely meant to be compared with this one: of a schedule that is called the same,
 * else of that whose newest set holds about as many policies. One that holds nothing is compared only where there is no
 * other: everything would be "only here".
 * @param others the other tenant's sets, newest first
 */
export function mostAlike<S extends Likeness>(
  set: Omit<Likeness, "backup_schedule_id">,
  others: readonly S[],
) {
  const newest = [
    ...new Map(others.toReversed().map((other) => [other.backup_schedule_id, other])).values(),
  ].sort((a, b) => others.indexOf(a) - others.indexOf(b));
  const ranked = newest.map((other) => ({
    other,
    rank: [
      other.item_count === 0 && set.item_count > 0 ? 1 : 0,
      other.schedule_name === set.schedule_name ? 0 : 1,
      Math.abs(Math.log((other.item_count + 1) / (set.item_count + 1))),
    ],
  }));
  ranked.sort((a, b) => a.rank.map((value, at) => value - (b.rank[at] ?? 0)).find((by) => by !== 0) ?? 0);
  return ranked[0]?.other ?? null;
}
