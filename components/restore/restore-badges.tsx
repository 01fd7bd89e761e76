import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconBan,
  IconCheck,
  IconClock,
  IconEqual,
  IconFileText,
  IconHandStop,
  IconLoader2,
  IconPencil,
  IconPlayerPause,
  IconPlayerSkipForward,
  IconPlus,
  IconTrash,
  IconUserCheck,
  IconUsersGroup,
  IconX,
} from "@tabler/icons-react";
import type { RestoreStatus } from "#lib/restore/schema";
import { Badge } from "../ui/badge.tsx";
import classes from "./restore-badges.module.css";
import {
  type ItemOutcome,
  type ItemState,
  outcomeLabels,
  outcomeTones,
  stateLabels,
  stateTones,
  statusLabels,
  statusTones,
} from "./restore-words.ts";

type Icon = typeof IconCheck;

const statusIcons: Record<RestoreStatus, Icon> = {
  planning: IconLoader2,
  planned: IconFileText,
  plan_failed: IconX,
  awaiting_approval: IconUserCheck,
  queued: IconClock,
  running: IconLoader2,
  waiting: IconUserCheck,
  done: IconCheck,
  done_with_problems: IconAlertTriangle,
  stopped: IconPlayerPause,
  failed: IconX,
  discarded: IconTrash,
};

const outcomeIcons: Record<ItemOutcome, Icon> = {
  update: IconPencil,
  create: IconPlus,
  assign: IconUsersGroup,
  blocked: IconHandStop,
  impossible: IconBan,
  unchanged: IconEqual,
};

const stateIcons: Record<ItemState, Icon> = {
  pending: IconClock,
  writing: IconArrowBackUp,
  waiting_for_approval: IconUserCheck,
  done: IconCheck,
  done_with_differences: IconAlertTriangle,
  failed: IconX,
  blocked: IconHandStop,
  skipped: IconPlayerSkipForward,
  unchanged: IconEqual,
};

/** Where a restore stands, as icon, word and color. */
export function RestoreStatusBadge({ status }: { status: RestoreStatus }) {
  const Icon = statusIcons[status];
  const turns = status === "planning" || status === "running";
  return (
    <Badge
      tone={statusTones[status]}
      icon={<Icon size={13} stroke={2.25} aria-hidden className={turns ? classes.turning : undefined} />}
    >
      {statusLabels[status]}
    </Badge>
  );
}

/** What the plan would do with a policy; `null` while it is being planned. */
export function OutcomeBadge({ outcome, skipped }: { outcome: ItemOutcome | null; skipped: boolean }) {
  if (skipped) return <StateBadge state="skipped" />;
  if (outcome === null) {
    return (
      <Badge tone="neutral" icon={<IconClock size={13} stroke={2.25} aria-hidden />}>
        Not read yet
      </Badge>
    );
  }
  const Icon = outcomeIcons[outcome];
  return (
    <Badge tone={outcomeTones[outcome]} icon={<Icon size={13} stroke={2.25} aria-hidden />}>
      {outcomeLabels[outcome]}
    </Badge>
  );
}

/** What has become of a policy. */
export function StateBadge({ state }: { state: ItemState }) {
  const Icon = stateIcons[state];
  return (
    <Badge tone={stateTones[state]} icon={<Icon size={13} stroke={2.25} aria-hidden />}>
      {stateLabels[state]}
    </Badge>
  );
}
