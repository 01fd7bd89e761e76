import {
  IconAlertTriangle,
  IconBan,
  IconCheck,
  IconCircleDashed,
  IconClock,
  IconLoader2,
  IconPlayerSkipForward,
  IconX,
} from "@tabler/icons-react";
import { Badge } from "../ui/badge.tsx";
import { type RunState, runStateLabels, runTones } from "./run-state.ts";
import classes from "./run-status-badge.module.css";

const icons: Record<RunState, typeof IconCheck> = {
  queued: IconClock,
  running: IconLoader2,
  success: IconCheck,
  empty: IconCircleDashed,
  partial: IconAlertTriangle,
  failed: IconX,
  canceled: IconBan,
  skipped: IconPlayerSkipForward,
};

/** A run's state as icon, word and color. */
export function RunStatusBadge({ state }: { state: RunState }) {
  const Icon = icons[state];
  return (
    <Badge
      tone={runTones[state]}
      icon={
        <Icon
          size={13}
          stroke={2.25}
          aria-hidden
          className={state === "running" ? classes.turning : undefined}
        />
      }
    >
      {runStateLabels[state]}
    </Badge>
  );
}
