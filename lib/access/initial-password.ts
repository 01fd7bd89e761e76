import { randomInt } from "node:crypto";

// Without the letters and digits that people confuse when they read one aloud.
const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

/** Random letters in groups of four, easy to read out, with nearly five bits each. */
export function readableSecret(length: number): string {
  const letters = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
  return letters.replace(/(.{4})(?=.)/g, "$1-");
}

/** A password for someone's first sign-in: `k7wq-m3xd-9rhz-b4tn`, 79 random bits. */
export function initialPassword(): string {
  return readableSecret(16);
}
