import type { HourClock } from "#lib/access/preferences-schema";
import { fullText } from "../time/format.ts";

/** One entry of the tenant's own audit log: who changed a policy, and when. */
export interface PolicyAuthor {
  who: string;
  /** ISO 8601 instant in UTC. */
  at: string;
  /** What Graph calls it, such as `Patch DeviceManagementConfigurationPolicy`. */
  activity: string;
  operation?: "create" | "update" | "delete";
}

/** `24 Nov 2026, 02:30 UTC+1 (Europe/Berlin), Ada Lovelace: Patch …`: the entry on the clock that the viewer reads. */
export function authorText({ who, at, activity }: PolicyAuthor, zone: string, clock: HourClock): string {
  return `${fullText(at, zone, clock)}, ${who}: ${activity}`;
}
