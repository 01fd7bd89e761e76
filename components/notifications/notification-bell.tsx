"use client";

import { IconBell } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { Role } from "#lib/access/permissions";
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
}

/** Bell with the count of unread notifications; opens their panel. */
export function NotificationBell({
  unread,
  newest,
  role,
  actions,
}: {
  unread: number;
  /** The newest notification's id: when it changes, there is something new. */
  newest: number;
  /** Of the viewer in this tenant. */
  role: Role;
  actions: NotificationActions;
}) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <IconButton
        size="lg"
        onClick={() => setOpened(true)}
        aria-haspopup="dialog"
        aria-label={unread === 0 ? "Notifications" : `Notifications, ${unread} unread`}
        className={classes.bell}
      >
        <IconBell size={20} stroke={1.6} aria-hidden />
        {unread > 0 ? (
          <span className={classes.count} aria-hidden>
            {unread > 99 ? "99+" : unread}
          </span>
        ) : null}
      </IconButton>
      {opened ? (
        <NotificationPanel
          unread={unread}
          newest={newest}
          role={role}
          actions={actions}
          onClose={() => setOpened(false)}
        />
      ) : null}
    </>
  );
}
