import { Skeleton } from "@mantine/core";
import classes from "./page-skeleton.module.css";

/** The shape of a list page while its data is on the way: heading, filters and rows stand where they will stand. */
export function PageSkeleton({ rows = 8 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className={classes.page}>
      <div className={classes.heading}>
        <Skeleton height={24} width="13rem" />
      </div>
      <div className={classes.filters}>
        <Skeleton height={36} className={classes.search} />
        <Skeleton height={36} width={150} />
      </div>
      <div className={classes.frame}>
        <div className={classes.head} />
        {Array.from({ length: rows }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
          <div key={row} className={classes.row}>
            <Skeleton height={12} width={`${34 - ((row * 7) % 12)}%`} />
            <Skeleton height={12} width="18%" />
            <Skeleton height={12} width="12%" />
          </div>
        ))}
      </div>
    </div>
  );
}
