import type { ZxcvbnFactory } from "@zxcvbn-ts/core";

/**
 * A password that is reached with fewer guesses is refused. By zxcvbn's reckoning Winter2026!! takes a tenth of this, and
 * twelve random characters, or three words that make no phrase, a thousand times as many.
 */
const leastGuesses = 1e9;
/** What follows is not looked at, since the time that it takes grows with the length. It could only make it stronger. */
const lookedAt = 64;

let estimator: Promise<ZxcvbnFactory> | undefined;

/**
 * Whether a password is among the first that somebody would try who guesses well: one of 49,000 common ones out of breaches,
 * or built from them by what people do (digits and years behind it, letters written as digits, repetitions, walks over the
 * keyboard, sequences, dates). zxcvbn reckons with all of these; it asks nobody over the network.
 *
 * The lists take tens of megabytes, so they are loaded with the first password that is chosen, and never in a browser.
 * @param known what a guesser knows of the person, as words
 */
export async function isGuessable(password: string, known: readonly string[]): Promise<boolean> {
  estimator ??= load();
  return (await estimator).check(password.slice(0, lookedAt), [...known]).guesses < leastGuesses;
}

async function load(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
  ]);
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
}
