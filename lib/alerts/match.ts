import { isKnownTimezone, nextOccurrence } from "#lib/recurrence/recurrence";
import { isAtLeast, type Severity } from "./kinds.ts";

/** What of a rule decides which events it takes, and when they go out. */
export interface Matching {
  kinds: readonly string[];
  least_severity: Severity;
  schedule_ids: readonly number[];
  policy_types: readonly string[];
  tells_recovery: boolean;
  timezone: string;
  quiet_from: string | null;
  quiet_until: string | null;
  digest: "daily" | "weekly" | null;
}

/** What of an event rules look at. */
export interface Matched {
  kind: string;
  severity: Severity;
  /** Of the end of an incident: what it began as. */
  began_as: { kind: string; severity: Severity } | null;
  schedule_id: number | null;
  policy_types: readonly string[];
}

/** Whether a rule takes an event. The end of an incident goes where its beginning went, unless the rule says otherwise. */
export function takes(rule: Matching, event: Matched): boolean {
  if (rule.digest !== null) return false;
  const { kind, severity } = event.began_as ?? event;
  if (event.began_as !== null && !rule.tells_recovery && !rule.kinds.includes(event.kind)) return false;
  const wanted = rule.kinds.length === 0 || rule.kinds.includes(kind) || rule.kinds.includes(event.kind);
  if (!wanted || !isAtLeast(severity, rule.least_severity)) return false;
  if (rule.schedule_ids.length > 0 && !rule.schedule_ids.includes(event.schedule_id ?? 0)) return false;
  return (
    rule.policy_types.length === 0 || event.policy_types.some((type) => rule.policy_types.includes(type))
  );
}

/**
 * When what a rule takes goes out: now, or when its quiet hours are over. On its clock, so they last what clocks show. Where this
 * runtime does not know the rule's time zone (any more), nobody can say when they are: then it goes out now.
 */
export function goesOutAt(rule: Pick<Matching, "timezone" | "quiet_from" | "quiet_until">, now: Date): Date {
  if (rule.quiet_from === null || rule.quiet_until === null || !isKnownTimezone(rule.timezone)) return now;
  const next = (time: string) =>
    nextOccurrence(
      { timezone: rule.timezone, frequency: "daily", timeOfDay: `${time}:00`, daysOfWeek: null },
      now,
    );
  // They go on if their end comes before their next beginning.
  const end = next(rule.quiet_until);
  return end < next(rule.quiet_from) ? end : now;
}
