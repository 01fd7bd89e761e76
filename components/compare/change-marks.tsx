import type { ItemChange } from "#lib/compare/schema";
import { Link } from "../navigation/link.tsx";
import { Badge, type Tone } from "../ui/badge.tsx";
import classes from "./change-marks.module.css";
import { apartText } from "./compare-words.ts";

const signs: Record<ItemChange, string> = {
  added: "+",
  removed: "−",
  changed: "~",
  not_captured: "?",
  unchanged: "=",
};

const tones: Record<ItemChange, Tone> = {
  added: "success",
  removed: "danger",
  changed: "warning",
  not_captured: "neutral",
  unchanged: "neutral",
};

/** What became of something, as sign, word and color. */
export function ChangeBadge({ change, label }: { change: ItemChange; label: string }) {
  return (
    <Badge tone={tones[change]} icon={<ChangeSign change={change} />}>
      {label}
    </Badge>
  );
}

/** The sign alone; a word must stand beside it. */
export function ChangeSign({ change }: { change: ItemChange }) {
  return (
    <span className={classes.sign} data-tone={tones[change]} aria-hidden>
      {signs[change]}
    </span>
  );
}

const counted = ["added", "removed", "changed"] as const;

/**
 * `+2 −1 ~3`: how many policies a backup set adds, removes and changes against the one before, with the words for
 * screen readers and on hover. `No change` when it is none. A link to the comparison when `href` is given.
 */
export function ChangeCounts({
  changes,
  href,
}: {
  changes: { added: number; removed: number; changed: number };
  href?: string;
}) {
  const shown = counted.filter((change) => changes[change] > 0);
  const words = shown.map((change) => `${changes[change]} ${change}`).join(", ") || "No change";
  const content =
    shown.length === 0 ? (
      <span className={classes.none}>No change</span>
    ) : (
      <>
        <span className={classes.hidden}>{words}</span>
        {shown.map((change) => (
          <span key={change} className={classes.count} data-tone={tones[change]} aria-hidden>
            {signs[change]}
            {changes[change]}
          </span>
        ))}
      </>
    );
  return href === undefined ? (
    <span className={classes.counts} title={words}>
      {content}
    </span>
  ) : (
    <Link className={classes.counts} href={href} title={words}>
      {content}
    </Link>
  );
}

/** One entry of the tenant's own audit log: who changed a policy, and when. */
export interface PolicyAuthor {
  who: string;
  /** ISO 8601 instant in UTC. */
  at: string;
  /** What Graph calls it, such as `Patch DeviceManagementConfigurationPolicy`. */
  activity: string;
  operation?: "create" | "update" | "delete";
}

/** The newer of two compared sets. */
export interface NewerSet {
  id: number;
  /** ISO 8601 instant in UTC. */
  created_at: string;
}

const verbs = { create: "Added", update: "Changed", delete: "Removed" };

/** `Changed by Ada Lovelace, 2 h before set 31`: the newest change named, the others counted. */
export function ChangedBy({ by, newer }: { by: readonly PolicyAuthor[]; newer: NewerSet }) {
  const newestFirst = by.toSorted((a, b) => (a.at < b.at ? 1 : -1));
  const [newest, ...earlier] = newestFirst;
  if (!newest) return null;
  const others = new Set(earlier.map(({ who }) => who).filter((who) => who !== newest.who)).size;
  return (
    <span title={newestFirst.map(({ who, at, activity }) => `${at} ${who}: ${activity}`).join("\n")}>
      {verbs[newest.operation ?? "update"]} by {newest.who}
      {others > 0 ? ` and ${others} ${others === 1 ? "other" : "others"}` : ""},{" "}
      {longBefore(newest.at, newer.created_at)} before set {newer.id}
    </span>
  );
}

function longBefore(at: string, setAt: string): string {
  const apart = apartText(at, setAt);
  return apart === "0 s" ? "just" : apart;
}
