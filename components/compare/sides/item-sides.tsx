import { Link } from "#components/navigation/link";
import { AbsoluteTime } from "#components/time/instant";
import type { ComparedSet } from "#lib/compare/schema";
import { type ItemAt, itemHref } from "../compare-links.ts";
import classes from "./item-sides.module.css";

interface Side {
  item: ItemAt;
  set: ComparedSet;
  /** The set's tenant, where the two are not of the same. */
  tenantName?: string | undefined;
}

/** In which sets the two compared versions of a policy are, each with a way to read it whole. */
export function ItemSides({ before, after }: { before: Side; after: Side }) {
  return (
    <dl className={classes.root}>
      <Version label="Before" side={before} />
      <Version label="After" side={after} />
    </dl>
  );
}

function Version({ label, side: { item, set, tenantName } }: { label: string; side: Side }) {
  return (
    <div className={classes.side}>
      <dt>{tenantName ?? label}</dt>
      <dd>
        <Link className="tp-link" href={itemHref(item)} scroll={false}>
          Set {set.id}
        </Link>{" "}
        of {set.schedule_name}
        <span className={classes.made}>
          <AbsoluteTime at={set.created_at} />
        </span>
      </dd>
    </div>
  );
}
