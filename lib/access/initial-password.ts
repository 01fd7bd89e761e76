import { randomInt } from "node:crypto";

// Without the letters and digits that people confuse when they read one aloud.
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

/** A password for someone's first sign-in: `k7wq-m3xd-9rhz-b4tn`, 79 random bits, easy to read out. */
export function initialPassword(): string {
  const letters = Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)]).join("");
  return letters.replace(/(.{4})(?=.)/g, "$1-");
}
