import { Link } from "../navigation/link.tsx";
import classes from "./change-counts.module.css";

const kinds = [
  { key: "added", sign: "+" },
  { key: "removed", sign: "−" },
  { key: "changed", sign: "~" },
] as const;

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
  const shown = kinds.filter(({ key }) => changes[key] > 0);
  const words = shown.map(({ key }) => `${changes[key]} ${key}`).join(", ") || "No change";
  const content =
    shown.length === 0 ? (
      <span className={classes.none}>No change</span>
    ) : (
      <>
        <span className={classes.words}>{words}</span>
        {shown.map(({ key, sign }) => (
          <span key={key} className={classes.count} data-kind={key} aria-hidden>
            {sign}
            {changes[key]}
          </span>
        ))}
      </>
    );
  return href === undefined ? (
    <span className={classes.root} title={words}>
      {content}
    </span>
  ) : (
    <Link className={classes.root} href={href} title={words}>
      {content}
    </Link>
  );
}
