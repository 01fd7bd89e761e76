import { recordSecurityEvent } from "#lib/audit/security";
import { env } from "#lib/env";
import { AppError } from "#lib/errors";

/** What the settings of the installation say about how somebody signs in. */

/** Whether they let an account sign in with a password. */
export function maySignInByPassword(email: string): boolean {
  const { LOCAL_PASSWORDS, BREAK_GLASS_EMAILS } = env();
  return LOCAL_PASSWORDS === "on" || BREAK_GLASS_EMAILS.includes(email);
}

/** Whether a person has a password that they know, and may use it. */
export function usesPassword(account: { email: string; has_password: boolean }): boolean {
  return account.has_password && maySignInByPassword(account.email);
}

/** Whether they want a second step of whoever signs in with a password. Accounts for emergencies are no exception. */
export function isSecondFactorRequired({ is_platform_admin }: { is_platform_admin: boolean }): boolean {
  const { REQUIRE_TOTP } = env();
  return REQUIRE_TOTP === "all" || (REQUIRE_TOTP === "administrators" && is_platform_admin);
}

/** What somebody has to do before anything else. */
export type FirstDuty = "choose_password" | "set_up_second_factor";

/**
 * What somebody owes who is signed in: a password that nobody else has seen, and then the second step that the settings ask
 * for. Who came by Microsoft has been asked there.
 */
export function firstDutyOf(person: {
  password_is_initial: boolean;
  is_platform_admin: boolean;
  has_second_factor: boolean;
  proof: string;
}): FirstDuty | null {
  if (person.password_is_initial) return "choose_password";
  const owes = person.proof === "password" && !person.has_second_factor && isSecondFactorRequired(person);
  return owes ? "set_up_second_factor" : null;
}

/** What somebody is told who wants anything else before. It is recorded. */
export async function firstDutyRefusal(duty: FirstDuty, userId: number): Promise<AppError> {
  const by = { kind: "user", id: userId } as const;
  await recordSecurityEvent({
    action: "access.first_duty",
    in: { person: userId },
    by,
    details: { duty },
    distinct: duty,
  });
  const words: Record<FirstDuty, string> = {
    choose_password: "Choose a password of your own first, on the page Profile.",
    set_up_second_factor: "Set up two-step sign-in first, on the page Profile.",
  };
  return new AppError("FORBIDDEN", words[duty]);
}
