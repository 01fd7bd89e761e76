import { ButtonLink } from "../navigation/button-link.tsx";
import classes from "./data-table.module.css";

/** Goes on to the next page of a list, or back to its first. */
export function CursorPager({
  words,
  firstHref,
  nextHref,
}: {
  /** What is shown, in words. */
  words: string;
  /** Null on the first page. */
  firstHref: string | null;
  /** Null on the last page. */
  nextHref: string | null;
}) {
  return (
    <div className={classes.pager}>
      <span role="status">{words}</span>
      <span style={{ display: "flex", gap: "0.5rem" }}>
        {firstHref ? (
          <ButtonLink href={firstHref} variant="default" size="xs">
            First page
          </ButtonLink>
        ) : null}
        {nextHref ? (
          <ButtonLink href={nextHref} variant="default" size="xs">
            Next page
          </ButtonLink>
        ) : null}
      </span>
    </div>
  );
}
