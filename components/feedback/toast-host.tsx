"use client";

import type { NotificationData } from "@mantine/notifications";
import { type ComponentType, type ReactNode, useEffect, useSyncExternalStore } from "react";
import classes from "./toast-host.module.css";

const load = () => import("./toasts.tsx");
const plainMs = 10_000;

/** What the host shows: the corner for toasts, or the plain words of one when its code could not be had. */
interface Shown {
  Toasts: ComponentType | null;
  plain: ReactNode;
}
const nothing: Shown = { Toasts: null, plain: null };
let shown = nothing;
const listeners = new Set<() => void>();

function show(next: Shown): void {
  shown = next;
  for (const listener of listeners) listener();
}

/**
 * Shows a message in the corner, in the ToastHost.
 * @returns shows something else in its place
 */
export function showToast(data: NotificationData): (next: NotificationData) => void {
  const made = load().then(
    ({ Toasts, notifications }) => {
      show({ Toasts, plain: null });
      return { notifications, id: notifications.show(data) };
    },
    () => {
      const plain = (
        <>
          {data.title ? <strong>{data.title}. </strong> : null}
          {data.message}
        </>
      );
      show({ ...shown, plain });
      setTimeout(() => shown.plain === plain && show({ ...shown, plain: null }), plainMs);
      return null;
    },
  );
  return (next) => void made.then((sent) => sent?.notifications.update({ ...next, id: sent.id }));
}

/**
 * Where toasts appear. Their code comes when the page has nothing better to do, and not only with the first toast: that
 * may have to say that the service does not answer. Should it be so early, plain words have to do.
 */
export function ToastHost() {
  const { Toasts, plain } = useSyncExternalStore(
    listen,
    () => shown,
    () => nothing,
  );
  useEffect(() => {
    const prepare = () => void load().catch(() => {});
    // Safari has no idle callbacks.
    if (!("requestIdleCallback" in window)) {
      const timer = setTimeout(prepare, 2_000);
      return () => clearTimeout(timer);
    }
    const idle = requestIdleCallback(prepare, { timeout: 5_000 });
    return () => cancelIdleCallback(idle);
  }, []);
  return (
    <>
      {Toasts ? <Toasts /> : null}
      {plain ? (
        <p role="alert" className={classes.plain}>
          {plain}
        </p>
      ) : null}
    </>
  );
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
