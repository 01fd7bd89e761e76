"use client";

import { Button, Drawer, NativeSelect, SegmentedControl, Skeleton, Stack } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useRef, useState, useTransition } from "react";
import type { Role } from "#lib/access/permissions";
import {
  isNotificationKind,
  kindsFor,
  type NotificationKind,
  notificationTable,
} from "#lib/notifications/kinds";
import type { NotificationView } from "#lib/notifications/schema";
import { useReturnFocus } from "../feedback/dialogs/use-return-focus.ts";
import { EmptyState } from "../feedback/empty-state.tsx";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { useAction } from "../feedback/use-action.ts";
import { useKeptFocus } from "../feedback/use-kept-focus.ts";
import { Link } from "../navigation/link.tsx";
import { useNow, useViewerZone } from "../time/clock.tsx";
import { RelativeTime } from "../time/instant.tsx";
import { byDay } from "./days.ts";
import type { NotificationActions } from "./notification-bell.tsx";
import classes from "./notification-panel.module.css";
import { OpenIncidents } from "./open-incidents.tsx";
import { readEntries } from "./read-entries.ts";

const entriesAtATime = 30;

/** The viewer's notifications of this tenant, newest first, by day. */
export function NotificationPanel({
  unread,
  newest,
  role,
  openIncidents,
  tenantId,
  actions,
  onClose,
}: {
  unread: number;
  newest: number;
  role: Role;
  openIncidents: number;
  tenantId: number;
  actions: NotificationActions;
  onClose: () => void;
}) {
  useReturnFocus();
  const now = useNow();
  const zone = useViewerZone();
  const [show, setShow] = useState<"all" | "unread">("all");
  const [kind, setKind] = useState<NotificationKind | "">("");
  const [entries, setEntries] = useState<NotificationView[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  const [loading, start] = useTransition();
  const holdFocus = useKeptFocus(loading);
  const { pending, run } = useAction();
  const asked = useRef(0);
  const shownFor = useRef("");

  const choice = `${show} ${kind}`;
  const load = (cursor?: string) => {
    asked.current += 1;
    const mine = asked.current;
    // Read anew, the list keeps the older ones that were asked for, unless it is another list.
    const many =
      !cursor && shownFor.current === choice
        ? Math.max(entriesAtATime, entries?.length ?? 0)
        : entriesAtATime;
    start(async () => {
      const page = await readEntries(
        (of) =>
          actions.list({
            ...of,
            ...(show === "unread" ? { unread: true } : {}),
            ...(kind ? { kinds: [kind] } : {}),
          }),
        many,
        cursor,
      );
      // Another filter was chosen meanwhile, or something new came.
      if (mine !== asked.current) return;
      setFailed(page === null);
      if (page === null) return;
      shownFor.current = choice;
      setEntries((before) => (cursor && before ? [...before, ...page.items] : page.items));
      setNext(page.next_cursor);
    });
  };
  const loadFirst = useEffectEvent(() => load());
  // Counts and ids come with every live update of the page: a change of them is the sign to ask anew.
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what the list depends on
  useEffect(() => loadFirst(), [unread, newest, show, kind]);

  const markRead = (ids: number[] | "all") =>
    run(() => actions.markRead({ notification_ids: ids }), {
      // At once, and not when the list has been read anew: the button goes away while its focus is looked after.
      success: () => {
        const at = new Date().toISOString();
        setEntries(
          (before) =>
            before
              ?.map((entry) =>
                entry.read_at === null && (ids === "all" || ids.includes(entry.id))
                  ? { ...entry, read_at: at }
                  : entry,
              )
              .filter((entry) => show === "all" || entry.read_at === null) ?? null,
        );
      },
    });
  const filtered = show === "unread" || kind !== "";

  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(27rem, 100vw)"
      title="Notifications"
      padding={0}
      closeButtonProps={{ "aria-label": "Close notifications" }}
      classNames={{ header: classes.header ?? "", title: classes.title ?? "" }}
      transitionProps={{ duration: 120 }}
    >
      {openIncidents > 0 ? (
        <OpenIncidents count={openIncidents} tenantId={tenantId} load={actions.incidents} onClose={onClose} />
      ) : null}
      <div className={classes.filters}>
        <SegmentedControl
          size="xs"
          aria-label="Show"
          value={show}
          onChange={(value) => setShow(value === "unread" ? "unread" : "all")}
          data={[
            { value: "all", label: "All" },
            { value: "unread", label: unread > 0 ? `Unread (${unread})` : "Unread" },
          ]}
        />
        <NativeSelect
          size="xs"
          aria-label="Kind"
          value={kind}
          onChange={({ currentTarget: { value } }) => setKind(isNotificationKind(value) ? value : "")}
          data={[
            { value: "", label: "Every kind" },
            ...kindsFor(role).map((value) => ({ value, label: notificationTable[value].label })),
          ]}
        />
      </div>
      <div className={classes.bar}>
        <Button
          variant="subtle"
          size="compact-sm"
          loading={pending}
          disabled={unread === 0}
          onClick={() => markRead("all")}
        >
          Mark all as read
        </Button>
        <Link href="/profile#notifications" className={`tp-link ${classes.choose}`} onClick={onClose}>
          Choose what you hear of
        </Link>
      </div>
      {failed ? (
        <div className={classes.pad}>
          <ProblemAlert title="Notifications could not be loaded">
            <Button
              size="xs"
              variant="default"
              mt="xs"
              onClick={() => {
                holdFocus();
                load();
              }}
            >
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
        <EmptyState icon={<IconBell size={22} />} title={filtered ? "Nothing like this" : "Nothing to tell"}>
          {filtered
            ? "No notification fits these filters."
            : kindsFor(role).length === 0
              ? "Runs that one starts, and backups that fail, are told to those who may start and manage them."
              : "When you start a run, or a backup fails, you read it here."}
        </EmptyState>
      ) : null}
      {byDay(entries ?? [], zone, now).map((day) => (
        <section key={day.label}>
          <h3 className={classes.day}>{day.label}</h3>
          <ul className={classes.list}>
            {day.entries.map((entry) => (
              <li key={entry.id} className={classes.entry} data-unread={entry.read_at === null || undefined}>
                <span
                  className={classes.dot}
                  style={{
                    background: `var(--tp-${isNotificationKind(entry.kind) ? notificationTable[entry.kind].tone : "neutral"}-solid)`,
                  }}
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
                  </p>
                </div>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {next ? (
        <div className={classes.pad}>
          <Button
            variant="default"
            fullWidth
            loading={loading}
            onClick={() => {
              holdFocus();
              load(next);
            }}
          >
            Show older
          </Button>
        </div>
      ) : null}
    </Drawer>
  );
}
