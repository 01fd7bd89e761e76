"use client";

import { IconArchive } from "@tabler/icons-react";
import { ButtonLink } from "#components/navigation/button-link";
import { Link } from "#components/navigation/link";
import { useNow } from "#components/time/clock";
import { RelativeTime } from "#components/time/instant";
import { canIn, type Standing } from "#lib/access/permissions";
import type { ProtectionFacts } from "#lib/overview/protection-facts";
import { archivedSentence, missedWords, protectionOf, protectionTones } from "../protection.ts";
import { protectionIcons } from "../protection-badge.tsx";
import classes from "./protection-sentence.module.css";

/** How well the tenant is protected, in one sentence, and what to do when it is not. */
export function ProtectionSentence({
  facts,
  tenantId,
  viewer,
}: {
  facts: ProtectionFacts;
  tenantId: number;
  viewer: Standing;
}) {
  const now = useNow();
  if (facts.is_archived) {
    return (
      <section className={classes.sentence} data-tone="neutral" aria-label="Protection">
        <IconArchive size={26} stroke={1.6} aria-hidden className={classes.icon} />
        <p className={`${classes.words} ${classes.text}`}>{archivedSentence(facts, now)}</p>
      </section>
    );
  }
  const { state, label, sentence, remedy } = protectionOf(facts, now);
  const Icon = protectionIcons[state];
  const base = `/tenants/${tenantId}`;
  const unnamed = facts.schedules.in_breach - facts.breaches.length;
  return (
    <section className={classes.sentence} data-tone={protectionTones[state]} aria-label="Protection">
      <Icon size={26} stroke={1.6} aria-hidden className={classes.icon} />
      <div className={classes.words}>
        <p className={classes.text}>
          <strong>{label}</strong>
          {sentence.slice(label.length)}
        </p>
        {state === "overdue" && facts.schedules.in_breach > 1 ? (
          <ul className={classes.breaches}>
            {facts.breaches.map((breach) => (
              <li key={breach.id}>
                <Link className="tp-link" href={`${base}/backup-schedules/${breach.id}`}>
                  {breach.name}
                </Link>{" "}
                {breach.last_complete_at ? (
                  <>
                    last complete backup <RelativeTime at={breach.last_complete_at} />
                  </>
                ) : (
                  "never complete"
                )}
                , {missedWords(breach.missed)}
              </li>
            ))}
            {unnamed > 0 ? <li>and {unnamed.toLocaleString("en")} more</li> : null}
          </ul>
        ) : null}
      </div>
      {/* Without any schedule the page itself says how to begin. */}
      {remedy && canIn(viewer, remedy.needs) && facts.schedules.total > 0 ? (
        <ButtonLink
          href={remedy.path.startsWith("#") ? remedy.path : `${base}${remedy.path}`}
          variant={state === "protected" ? "default" : "filled"}
          size="xs"
          className={classes.remedy ?? ""}
        >
          {remedy.label}
        </ButtonLink>
      ) : null}
    </section>
  );
}
