const outcomes: Record<string, string> = {
  unknown:
    "This Microsoft account is linked to no account here. Ask an owner of your tenant for an invitation and accept it with Microsoft; or sign in with your password, and link it on your profile.",
  conflict:
    "The address has an account already, or this Microsoft account is another person's here. Sign in as you did until now; the page Profile links a Microsoft account.",
  forbidden:
    "This Microsoft account's person may not do this here: the account is disabled, or has another address.",
  foreign: "This Microsoft account is of another organization than this service lets in.",
};

/** What became of a way to Microsoft and back that led nowhere, in words; null when there was none. */
export function microsoftProblem(outcome: string | undefined): string | null {
  if (outcome === undefined || outcome === "linked") return null;
  return (
    (Object.hasOwn(outcomes, outcome) ? outcomes[outcome] : undefined) ??
    "Signing in with Microsoft did not work. Try again, and tell the operator of this service if it stays so."
  );
}
