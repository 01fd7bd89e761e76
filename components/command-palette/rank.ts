/**
 * How well a name fits what was typed; 0 when it does not. Every word must be in it: at the start of the name counts
 * most, then at the start of a word, then anywhere.
 */
function closeness(name: string, words: readonly string[]): number {
  const text = name.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return 0;
    sum += at === 0 ? 4 : /(?:^|[\s\-_/(“"])$/.test(text.slice(0, at)) ? 3 : 1;
  }
  return sum / words.length;
}

/** The words of a search, in lower case. */
export function wordsOf(search: string): string[] {
  return search.toLowerCase().split(/\s+/).filter(Boolean);
}

/**
 * The entries that fit a search, best first; equals stay in their order. All of them for an empty search.
 * @param namesOf under which names an entry is known; the best counts
 */
export function ranked<T>(
  entries: readonly T[],
  search: string,
  namesOf: (entry: T) => readonly string[],
): T[] {
  const words = wordsOf(search);
  if (words.length === 0) return [...entries];
  return entries
    .map((entry) => ({ entry, score: Math.max(...namesOf(entry).map((name) => closeness(name, words))) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry);
}
