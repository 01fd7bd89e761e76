import { z } from "zod";

/** Length counts, and little else (NIST SP 800-63B-4, 3.1.1.2): no rules of composition, no expiry. */
export const passwordMinLength = 12;

const tooEasy = [/^(.{1,4})\1+$/u, /^(0?123456789|abcdefghijkl|qwertyuiop)/i, /^passw[o0]rd/i];

/**
 * What speaks against a new password, as a sentence without its subject; null when nothing does.
 * @param known words that a guesser would begin with: the person's address and name
 */
export function passwordFault(password: string, known: readonly string[]): string | null {
  if ([...password].length < passwordMinLength) return `must have at least ${passwordMinLength} characters`;
  if (password.length > 200) return "must have at most 200 characters";
  const words = [...known.flatMap((text) => text.split(/[@\s.]+/)), "tenantpilot"].filter(
    (word) => word.length >= 4,
  );
  const rest = words.reduce((left, word) => left.replaceAll(word.toLowerCase(), ""), password.toLowerCase());
  if (rest.length < 8 && rest.length < password.length) {
    return "must not be built from your name, your address or the name of this service";
  }
  if (tooEasy.some((pattern) => pattern.test(password))) return "is easy to guess; use several words";
  return null;
}

/** A change of one's own password. Form and action share it; whether it fits the person is `passwordFault`. */
export const passwordChangeSchema = z.strictObject({
  current_password: z.string().min(1, "must not be empty").max(1_000, "must be at most 1000 characters"),
  new_password: z.string().min(1, "must not be empty").max(1_000, "must be at most 1000 characters"),
});
export type PasswordChange = z.input<typeof passwordChangeSchema>;
