import { hash, verify } from "@node-rs/argon2";

/** Argon2id (the library's default algorithm) with OWASP's parameters: 19 MiB, 2 passes, 1 lane. */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const begins = `$argon2id$v=19$m=${options.memoryCost},t=${options.timeCost},p=${options.parallelism}$`;

/** The stored form of a password (PHC string). */
export function hashPassword(password: string): Promise<string> {
  return hash(password, options);
}

/** Whether a stored hash was made with other parameters than one would be today. */
export function isOutdated(stored: string): boolean {
  return !stored.startsWith(begins);
}

/** Whether a password is the one behind a stored hash. */
export function verifyPassword(stored: string, password: string): Promise<boolean> {
  return verify(stored, password).catch(() => false);
}
