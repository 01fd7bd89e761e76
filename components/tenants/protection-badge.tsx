"use client";

import { IconShieldCheck, IconShieldExclamation, IconShieldX } from "@tabler/icons-react";
import type { TenantSummary } from "#lib/tenants/list";
import { useNow } from "../time/clock.tsx";
import classes from "./protection.module.css";
import { protectionOf } from "./protection.ts";

const icons = { protected: IconShieldCheck, "at-risk": IconShieldExclamation, unprotected: IconShieldX };

/** The state of protection as icon, word and colour. */
export function ProtectionBadge({ tenant }: { tenant: TenantSummary }) {
  const { state, label } = protectionOf(tenant, useNow());
  const Icon = icons[state];
  return (
    <span className={classes.badge} data-state={state}>
      <Icon size={14} aria-hidden />
      {label}
    </span>
  );
}

/** The state of protection in one sentence, large. */
export function ProtectionSentence({ tenant }: { tenant: TenantSummary }) {
  const { state, label, sentence } = protectionOf(tenant, useNow());
  const Icon = icons[state];
  return (
    <p className={classes.sentence} data-state={state}>
      <Icon size={26} stroke={1.6} aria-hidden className={classes.icon} />
      <span>
        <strong>{label}</strong>
        {sentence.slice(label.length)}
      </span>
    </p>
  );
}
