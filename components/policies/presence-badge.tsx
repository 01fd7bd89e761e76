import { IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import classes from "./presence-badge.module.css";

/** Whether the tenant still had a policy when its type was captured last. */
export function PresenceBadge({ isPresent }: { isPresent: boolean }) {
  return (
    <span className={classes.badge} data-present={isPresent || undefined}>
      {isPresent ? (
        <IconCircleCheck size={13} stroke={2.25} aria-hidden />
      ) : (
        <IconCircleDashed size={13} stroke={2.25} aria-hidden />
      )}
      {isPresent ? "In the newest set" : "No longer there"}
    </span>
  );
}
