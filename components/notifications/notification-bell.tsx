"use client";

import { IconBell } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { Role } from "#lib/access/permissions";
import type { listIncidents } from "#lib/alerts/incidents";
import type { listNotifications, markNotificationsRead } from "#lib/notifications/list";
import type { ActionOf } from "../feedback/action-result.ts";
import { IconButton } from "../ui/icon-button.tsx";
import classes from "./notification-bell.module.css";

const NotificationPanel = dynamic(
  () => import("./notification-panel.tsx").then((module) => module.NotificationPanel),
  {
    ssr: false,
  },
);

export interface NotificationActions {
  list: ActionOf<typeof listNotifications>;
  markRead: ActionOf<typeof markNotificationsRead>;
  incidents: ActionOf<typeof listIncidents>;
}

/** Bell with the counts of unread notifications and of open incidents; opens the panel of both. */
export function NotificationBell({
  unread,
  newest,
  role,
  openIncidents,
  tenantId,
  actions,
}: {
  unread: number;
  /** The newest notification's id: when it changes, there is something new. */
  newest: number;
  /** Of the viewer in this tenant. */
  role: Role;
  /** None where the viewer does not see alerts. */
  openIncidents: number;
  tenantId: number;
  actions: NotificationActions;
}) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <IconButton
        size="lg"
        onClick={() => setOpened(true)}
        aria-haspopup="dialog"
        aria-label={bellLabel(unread, openIncidents)}
        className={classes.bell}
      >
        <IconBell size={20} stroke={1.6} aria-hidden />
        {unread > 0 ? <span className={classes.count} data-count={countText(unread)} /> : null}
        {openIncidents > 0 ? (
          <span className={classes.incidents} data-count={countText(openIncidents)} />
        ) : null}
      </IconButton>
      {opened ? (
        <NotificationPanel
          unread={unread}
          newest={newest}
          role={role}
          openIncidents={openIncidents}
          tenantId={tenantId}
          actions={actions}
          onClose={() => setOpened(false)}
        />
      ) : null}
    </>
  );
}

/** `Notifications, 2 unread, 1 incident open`. */
export function bellLabel(unread: number, incidents: number): string {
  return [
    "Notifications",
    ...(unread > 0 ? [`${unread} unread`] : []),
    ...(incidents > 0 ? [`${incidents} ${incidents === 1 ? "incident" : "incidents"} open`] : []),
  ].join(", ");
}

function countText(count: number): string {
  return count > 99 ? "99+" : String(count);
}
