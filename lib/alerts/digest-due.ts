import { isKnownTimezone, nextOccurrence } from "#lib/recurrence/recurrence";

/** Digests are there when the day begins. */
const timeOfDay = "07:00:00";

/**
 * When a rule's next digest is due, on the rule's clock: every morning, or on Mondays; null for a rule without. Where this runtime
 * does not know the rule's time zone (any more), on that of UTC: a digest comes at another hour rather than never.
 */
export function digestDueAt(
  rule: { digest: "daily" | "weekly" | null; timezone: string },
  after: Date,
): Date | null {
  if (rule.digest === null) return null;
  const weekly = rule.digest === "weekly";
  return nextOccurrence(
    {
      timezone: isKnownTimezone(rule.timezone) ? rule.timezone : "UTC",
      frequency: rule.digest,
      timeOfDay,
      daysOfWeek: weekly ? [1] : null,
    },
    after,
  );
}
