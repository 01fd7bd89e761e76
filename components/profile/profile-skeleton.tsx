import { Skeleton } from "@mantine/core";
import classes from "./profile.module.css";

/** The shape of the profile while its data is on the way. */
export function ProfileSkeleton() {
  return (
    <div role="status" aria-label="Loading" style={{ padding: "5rem 1rem 1rem" }}>
      <div className={classes.page}>
        <Skeleton height={30} width="10rem" />
        <Skeleton height={190} radius="lg" />
        <Skeleton height={330} radius="lg" />
        <Skeleton height={220} radius="lg" />
      </div>
    </div>
  );
}
