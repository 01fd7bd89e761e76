import { Link } from "./link.tsx";
import classes from "./link-tabs.module.css";

export interface LinkTab<Key extends string> {
  key: Key;
  href: string;
  label: string;
  /** How many things are there, where it is known. */
  count?: number;
}

/** Places beside each other, of which one is shown. */
export function LinkTabs<Key extends string>({
  label,
  current,
  tabs,
}: {
  label: string;
  current: Key;
  tabs: readonly LinkTab<Key>[];
}) {
  return (
    <nav className={classes.root} aria-label={label}>
      {tabs.map(({ key, href, label: words, count }) => (
        <Link
          key={key}
          className={classes.tab}
          href={href}
          aria-current={key === current ? "page" : undefined}
          scroll={false}
        >
          {words}
          {count === undefined ? null : (
            <>
              {" "}
              <span className={classes.count}>{count}</span>
            </>
          )}
        </Link>
      ))}
    </nav>
  );
}
