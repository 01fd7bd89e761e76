"use client";

import { useEffect, useEffectEvent, useState } from "react";
import type { IncidentView } from "#lib/alerts/schema";
import { Link } from "../navigation/link.tsx";
import { RelativeTime } from "../time/instant.tsx";
import type { NotificationActions } from "./notification-bell.tsx";
import classes from "./notification-panel.module.css";

/** So many are named; the page Alerts has all of them. */
const named = 5;
const tones = { info: "info", warning: "warning", critical: "danger" } as const;

/** What is wrong in this tenant now, above what was told. */
export function OpenIncidents({
  count,
  tenantId,
  load,
  onClose,
}: {
  /** How many there are: when it changes, they are asked for anew. */
  count: number;
  tenantId: number;
  load: NotificationActions["incidents"];
  onClose: () => void;
}) {
  const [incidents, setIncidents] = useState<IncidentView[]>([]);
  const ask = useEffectEvent(async () => {
    const answer = await load({ limit: named }).catch(() => null);
    if (answer?.ok) setIncidents(answer.data.items);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is what the list depends on
  useEffect(() => void ask(), [count]);
  return (
    <section aria-label="Open incidents">
      <h3 className={classes.day}>{count === 1 ? "1 incident is open" : `${count} incidents are open`}</h3>
      <ul className={classes.list}>
        {incidents.map((incident) => (
          <li key={incident.id} className={classes.entry}>
            <span
              className={classes.dot}
              style={{ background: `var(--tp-${tones[incident.severity]}-solid)` }}
            />
            <div className={classes.words}>
              <p className={classes.head}>
                <Link
                  href={incident.link ?? `/tenants/${tenantId}/alerts`}
                  className={classes.link}
                  onClick={onClose}
                >
                  {incident.title}
                </Link>
              </p>
              <p className={classes.body}>{incident.body}</p>
              <p className={classes.when}>
                <RelativeTime at={incident.opened_at} />
              </p>
            </div>
          </li>
        ))}
      </ul>
      <div className={classes.pad}>
        <Link href={`/tenants/${tenantId}/alerts`} className="tp-link" onClick={onClose}>
          Acknowledge and snooze them on the page Alerts
        </Link>
      </div>
    </section>
  );
}
