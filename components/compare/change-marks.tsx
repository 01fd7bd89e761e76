import type { ItemChange } from "#lib/compare/schema";
import { Link } from "../navigation/link.tsx";
import { Badge, type Tone } from "../ui/badge.tsx";
import classes from "./change-marks.module.css";

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
