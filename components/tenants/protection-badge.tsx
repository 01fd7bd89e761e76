import {
  IconClockExclamation,
  IconShieldCheck,
  IconShieldExclamation,
  IconShieldX,
} from "@tabler/icons-react";
import { Badge } from "../ui/badge.tsx";
import { type ProtectionState, protectionLabels, protectionTones } from "./protection.ts";

export const protectionIcons = {
  protected: IconShieldCheck,
  "at-risk": IconShieldExclamation,
  overdue: IconClockExclamation,
  unprotected: IconShieldX,
};

/** A state of protection as icon, word and color. */
export function ProtectionBadge({ state, title }: { state: ProtectionState; title?: string }) {
  const Icon = protectionIcons[state];
  return (
    <Badge tone={protectionTones[state]} icon={<Icon size={14} aria-hidden />} title={title}>
      {protectionLabels[state]}
    </Badge>
  );
}
