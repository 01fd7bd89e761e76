"use client";

import type { NotificationData } from "@mantine/notifications";
import dynamic from "next/dynamic";
import { useEffect, useSyncExternalStore } from "react";

const load = () => import("./toasts.tsx");
const Toasts = dynamic(() => load().then((module) => module.Toasts), { ssr: false });

let wanted = false;
const listeners = new Set<() => void>();

/**
 * Shows a message in the corner, in the ToastHost.
 * @returns shows something else in its place
 */
export function showToast(data: NotificationData): (next: NotificationData) => void {
  wanted = true;
  for (const listener of listeners) listener();
  const shown = load().then(({ notifications }) => ({ notifications, id: notifications.show(data) }));
  return (next) => void shown.then(({ notifications, id }) => notifications.update({ ...next, id }));
}

/**
 * Where toasts appear. Their code comes when the page has nothing better to do, and not only with the first toast: that
 * may have to say that the service does not answer.
 */
export function ToastHost() {
  const shown = useSyncExternalStore(listen, isWanted, notYet);
  useEffect(() => {
    // Safari has no idle callbacks.
    if (!("requestIdleCallback" in window)) {
      const timer = setTimeout(load, 2_000);
      return () => clearTimeout(timer);
    }
    const idle = requestIdleCallback(() => void load(), { timeout: 5_000 });
    return () => cancelIdleCallback(idle);
  }, []);
  return shown ? <Toasts /> : null;
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
const isWanted = () => wanted;
const notYet = () => false;
