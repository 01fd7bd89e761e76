import { IconCheck, IconSparkles, IconX } from "@tabler/icons-react";
import type { DriftState } from "#lib/drift/schema";
import { Badge } from "../ui/badge.tsx";
import { driftStateLabels, driftStateTones } from "./drift-words.ts";

const icons = { new: IconSparkles, accepted: IconCheck, denied: IconX } as const;

/** What people say about a difference, as icon, word and color. */
export function DriftStateBadge({ state }: { state: DriftState }) {
  const Icon = icons[state];
  return (
    <Badge tone={driftStateTones[state]} icon={<Icon size={13} stroke={2.25} aria-hidden />}>
      {driftStateLabels[state]}
    </Badge>
  );
}
