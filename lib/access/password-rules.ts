import { z } from "zod";

/** Length counts, and little else (NIST SP 800-63B-4, 3.1.1.2): no rules of composition, no expiry. */
export const passwordMinLength = 12;

/** Words that a guesser begins with: those of the person's address and name, and the service's own. */
export function guessedFirst(known: readonly string[]): string[] {
  return [...known.flatMap((text) => text.split(/[@\s.]+/)), "tenantpilot"].filter((word) => word !== "");
}

/**
 * What speaks against a new password at first sight, as a sentence without its subject; null when nothing does. Forms ask it
 * before they send one. Whether it is common is known on the server alone (lib/access/new-password.ts).
 * @param known the person's address and name
 */
export function passwordFault(password: string, known: readonly string[]): string | null {
  if ([...password].length < passwordMinLength) return `must have at least ${passwordMinLength} characters`;
  if (password.length > 200) return "must have at most 200 characters";
  const words = guessedFirst(known).filter((word) => word.length >= 4);
  const rest = words.reduce((left, word) => left.replaceAll(word.toLowerCase(), ""), password.toLowerCase());
  if (rest.length < 8 && rest.length < password.length) {
    return "must not be built from your name, your address or the name of this service";
  }
  return null;
}

/** A change of one's own password. Form and action share it; whether it fits the person is `newPasswordFault`. */
export const passwordChangeSchema = z.strictObject({
  current_password: z.string().min(1, "must not be empty").max(1_000, "must be at most 1000 characters"),
  new_password: z.string().min(1, "must not be empty").max(1_000, "must be at most 1000 characters"),
});
export type PasswordChange = z.input<typeof passwordChangeSchema>;
