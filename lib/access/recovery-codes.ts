import { recoveryCodeCount } from "#lib/limits";
import { readableSecret } from "./initial-password.ts";
import { hashToken } from "./secret-token.ts";

/** 118 random bits: with 112 or more, a plain hash cannot be guessed back (OWASP ASVS 5.0, V6.5.2). */
const letters = 24;

/** Codes that each work once in place of an authenticator app's: `k7wq-m3xd-9rhz-b4tn-c6vf-2pys`. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCodeCount }, () => readableSecret(letters));
}

/** What is stored of a recovery code. Letter case, spaces and hyphens are as people type them. */
export function hashRecoveryCode(typed: string): string {
  return hashToken(typed.toLowerCase().replaceAll(/[\s-]/g, ""));
}
