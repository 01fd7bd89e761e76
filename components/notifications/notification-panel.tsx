"use client";

import { Button, Drawer, Skeleton, Stack } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import Link from "next/link";
import { useCallback, useEffect, useState, useTransition } from "react";
import type { NotificationView } from "#lib/notifications/schema";
import { EmptyState } from "../feedback/empty-state.tsx";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { useAction } from "../feedback/use-action.ts";
import { RelativeTime } from "../time/instant.tsx";
import type { NotificationActions } from "./notification-bell.tsx";
import classes from "./notification-panel.module.css";

const tones: Record<NotificationView["kind"], string> = {
  "run.started": "info",
  "run.bulk_started": "info",
  "run.failed": "danger",
  "run.partial": "warning",
  "run.recovered": "success",
  "schedule.paused": "warning",
  "set.damaged": "danger",
};

/** The viewer's notifications of this tenant, newest first. */
export function NotificationPanel({
  unread,
  actions,
  onClose,
}: {
  unread: number;
  actions: NotificationActions;
  onClose: () => void;
}) {
  const [entries, setEntries] = useState<NotificationView[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  const [loading, start] = useTransition();
  const { pending, run } = useAction();

  const load = useCallback(
    (cursor?: string) =>
      start(async () => {
        const answer = await actions.list(cursor ? { cursor } : {}).catch(() => null);
        setFailed(!answer?.ok);
        if (!answer?.ok) return;
        setEntries((before) => (cursor && before ? [...before, ...answer.data.items] : answer.data.items));
        setNext(answer.data.next_cursor);
      }),
    [actions],
  );
  // A change of the unread count is the sign that there is something new (or read elsewhere).
  // biome-ignore lint/correctness/useExhaustiveDependencies: `unread` is what the list depends on
  useEffect(() => load(), [load, unread]);

  const markRead = (ids: number[] | "all") => run(() => actions.markRead(ids));

  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(26rem, 100vw)"
      title="Notifications"
      padding={0}
      closeButtonProps={{ "aria-label": "Close notifications" }}
      classNames={{ header: classes.header ?? "", title: classes.title ?? "" }}
      transitionProps={{ duration: 120 }}
    >
      {unread > 0 ? (
        <div className={classes.bar}>
          <span>{unread} unread</span>
          <Button variant="subtle" size="compact-sm" loading={pending} onClick={() => markRead("all")}>
            Mark all as read
          </Button>
        </div>
      ) : null}
      {failed ? (
        <div className={classes.pad}>
          <ProblemAlert title="Notifications could not be loaded">
            <Button size="xs" variant="default" mt="xs" onClick={() => load()}>
              Try again
            </Button>
          </ProblemAlert>
        </div>
      ) : null}
      {entries === null && !failed ? (
        <Stack gap="xs" p="md" role="status" aria-label="Loading">
          <Skeleton height={56} />
          <Skeleton height={56} />
          <Skeleton height={56} />
        </Stack>
      ) : null}
      {entries?.length === 0 ? (
        <EmptyState icon={<IconBell size={22} />} title="Nothing to tell">
          When you start a run, or a backup fails, you read it here.
        </EmptyState>
      ) : null}
      {entries && entries.length > 0 ? (
        <ul className={classes.list}>
          {entries.map((entry) => (
            <li key={entry.id} className={classes.entry} data-unread={entry.read_at === null || undefined}>
              <span
                className={classes.dot}
                style={{ background: `var(--tp-${tones[entry.kind] ?? "neutral"}-solid)` }}
              />
              <div className={classes.words}>
                <p className={classes.head}>
                  {entry.link ? (
                    <Link
                      href={entry.link}
                      className={classes.link}
                      onClick={() => {
                        if (entry.read_at === null) markRead([entry.id]);
                        onClose();
                      }}
                    >
                      {entry.title}
                    </Link>
                  ) : (
                    entry.title
                  )}
                  {entry.read_at === null ? <span className={classes.unread}>unread</span> : null}
                </p>
                <p className={classes.body}>{entry.body}</p>
                <p className={classes.when}>
                  <RelativeTime at={entry.created_at} />
                </p>
              </div>
              {entry.read_at === null ? (
                <Button
                  variant="subtle"
                  size="compact-xs"
                  className={classes.mark ?? ""}
                  onClick={() => markRead([entry.id])}
                  aria-label={`Mark as read: ${entry.title}, ${entry.body}`}
                >
                  Mark as read
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
      {next ? (
        <div className={classes.pad}>
          <Button variant="default" fullWidth loading={loading} onClick={() => load(next)}>
            Show older
          </Button>
        </div>
      ) : null}
    </Drawer>
  );
}
