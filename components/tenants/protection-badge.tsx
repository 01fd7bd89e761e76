import {
  IconClockExclamation,
  IconShieldCheck,
  IconShieldExclamation,
  IconShieldX,
} from "@tabler/icons-react";
import classes from "./protection.module.css";
import { type ProtectionState, protectionLabels } from "./protection.ts";

export const protectionIcons = {
  protected: IconShieldCheck,
  "at-risk": IconShieldExclamation,
  overdue: IconClockExclamation,
  unprotected: IconShieldX,
};

/** A state of protection as icon, word and colour. */
export function ProtectionBadge({ state, title }: { state: ProtectionState; title?: string }) {
  const Icon = protectionIcons[state];
  return (
    <span className={classes.badge} data-state={state} title={title}>
      <Icon size={14} aria-hidden />
      {protectionLabels[state]}
    </span>
  );
}
