import type { SecondFactorView } from "#lib/access/second-factor-view";

/** What the dialog says that turns two-step sign-in off. */
export interface TurnOffWords {
  title: string;
  /** What it does, and what comes then. */
  words: string;
  submitLabel: string;
  /** What is said once it is off; null where the page itself asks at once to set it up. */
  done: string | null;
}

/** The words for it: where it is required it is turned off to use another phone, and who came by Microsoft is not asked for that. */
export function turnOffWords({
  is_required,
  comes_first,
}: Pick<SecondFactorView, "is_required" | "comes_first">): TurnOffWords {
  if (!is_required)
    return {
      title: "Turn off two-step sign-in?",
      words:
        "From then on your password alone lets you in, and whoever learns it. The recovery codes stop working.",
      submitLabel: "Turn off",
      done: "Two-step sign-in is off.",
    };
  const stops = "The app on your old phone and the recovery codes stop working.";
  const without = "Without the old phone, enter a recovery code.";
  const another = { title: "Use another phone?", submitLabel: "Next" };
  return comes_first
    ? {
        ...another,
        words: `${stops} You set up the new phone next, and can do nothing else before. ${without}`,
        done: null,
      }
    : {
        ...another,
        words: `${stops} You signed in with Microsoft, so nothing asks you for the new phone before you sign in with your password: turn two-step sign-in on again here at once. Until then whoever learns your password can set up a phone of theirs. ${without}`,
        done: "Two-step sign-in is off. Turn it on again with the new phone.",
      };
}
