import type { ReactNode } from "react";
import { Link } from "#components/navigation/link";
import { TypeGroups } from "#components/policies/type-groups";
import type { BackupItemView } from "#lib/sets/schema";
import classes from "./item-list.module.css";

/** A set's items under the headings of their types. A row opens the stored JSON. */
export function ItemList({
  items,
  setHref,
  before,
}: {
  items: readonly BackupItemView[];
  setHref: string;
  /** Before an item's name: what chooses it. */
  before?: (item: BackupItemView) => ReactNode;
}) {
  return (
    <TypeGroups
      rows={items}
      idPrefix="type"
      item={(item) => (
        <li key={item.id} className={classes.item}>
          {before ? <span className={classes.before}>{before(item)}</span> : null}
          <Link className={classes.name} href={`${setHref}/items/${item.id}`} scroll={false}>
            {item.display_name}
          </Link>
          <span className={classes.detail}>{childrenText(item)}</span>
          <code className={classes.hash} title={`SHA-256 ${item.sha256}`}>
            {item.sha256.slice(0, 10)}
          </code>
          {item.notes.length > 0 ? <p className={classes.notes}>{item.notes.join("; ")}</p> : null}
        </li>
      )}
    />
  );
}

/** `12 settings, 1 assignment`: Graph's names of the collections as words. */
function childrenText(item: BackupItemView): string {
  return Object.entries(item.children)
    .filter(([, count]) => count.captured > 0)
    .map(([name, { captured }]) => {
      const words = name.replaceAll(/([A-Z])/g, " $1").toLowerCase();
      return `${captured} ${captured === 1 ? words.replace(/(?<=[^s])s\b(?!.*[^s]s\b)/, "") : words}`;
    })
    .join(", ");
}
