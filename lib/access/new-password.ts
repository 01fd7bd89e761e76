import { isGuessable } from "./guessable.ts";
import { guessedFirst, passwordFault } from "./password-rules.ts";

/**
 * What speaks against a password that a person chooses, as a sentence without its subject; null when nothing does. Whoever
 * stores a chosen password asks this.
 */
export async function newPasswordFault(
  password: string,
  person: { email: string; name: string },
): Promise<string | null> {
  const known = [person.email, person.name];
  const fault = passwordFault(password, known);
  if (fault) return fault;
  return (await isGuessable(password, guessedFirst(known)))
    ? "is easy to guess; use several words that have nothing to do with each other"
    : null;
}
