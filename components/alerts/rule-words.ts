import type { HourClock } from "#lib/access/preferences-schema";
import { alertLabel, type Severity } from "#lib/alerts/kinds";
import type { RuleView } from "#lib/alerts/schema";
import { findType } from "#lib/policies/catalog";
import { timeOfDayText } from "../time/format.ts";

/** What severities are called where one is chosen; the most usual one first. */
export const severityLabels: Record<Severity, string> = {
  warning: "Warnings and worse",
  critical: "Only what is critical",
  info: "Everything",
};

export const digestLabels = { daily: "A digest, every morning", weekly: "A digest, on Mondays" };

/** After how many hours a form offers to tell again what lasts. */
export const repeatHours = [1, 4, 12, 24, 168];

/** `Told again every 4 hours`. */
export function repeatLabel(hours: number): string {
  if (hours === 1) return "Told again every hour";
  if (hours === 24) return "Told again every day";
  if (hours === 168) return "Told again every week";
  return `Told again every ${hours} hours`;
}

/**
 * A rule in a sentence.
 * @param scheduleName what a backup schedule is called; undefined for one that is not known
 * @param clock the one that the viewer reads
 */
export function ruleInWords(
  rule: RuleView,
  scheduleName: (id: number) => string | undefined,
  clock: HourClock,
): string {
  const what = rule.digest ? digestLabels[rule.digest] : severityLabels[rule.least_severity];
  const schedules = rule.schedule_ids.map((id) => scheduleName(id) ?? `schedule ${id}`);
  const types = rule.policy_types.map((key) => findType(key)?.label ?? key);
  return [
    what,
    ...(rule.kinds.length > 0 ? [`of ${rule.kinds.map(alertLabel).join(", ")}`] : []),
    ...(schedules.length > 0 ? [`in ${schedules.join(", ")}`] : []),
    ...(types.length > 0 ? [`about ${types.join(", ")}`] : []),
    ...(rule.quiet_from && rule.quiet_until
      ? [
          `quiet from ${timeOfDayText(rule.quiet_from, clock)} until ${timeOfDayText(rule.quiet_until, clock)} (${rule.timezone})`,
        ]
      : []),
    ...(rule.repeat_hours ? [repeatLabel(rule.repeat_hours).toLowerCase()] : []),
    ...(rule.tells_recovery || rule.digest ? [] : ["not told when it is over"]),
    ...(rule.is_enabled ? [] : ["disabled"]),
  ].join("; ");
}
