import { IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import { Badge } from "../ui/badge.tsx";

/** Whether the tenant still had a policy when its type was captured last. */
export function PresenceBadge({ isPresent }: { isPresent: boolean }) {
  const Icon = isPresent ? IconCircleCheck : IconCircleDashed;
  return (
    <Badge tone={isPresent ? "success" : "neutral"} icon={<Icon size={13} stroke={2.25} aria-hidden />}>
      {isPresent ? "In the newest set" : "No longer there"}
    </Badge>
  );
}
