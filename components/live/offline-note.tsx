"use client";

import { useSyncExternalStore } from "react";
import classes from "./live-updates.module.css";

function subscribe(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** Whether the browser has a network. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => navigator.onLine,
    () => true,
  );
}

/** Says that there is no network: a click that leads nowhere is not the service's fault, and waits for it. */
export function OfflineNote() {
  const online = useOnline();
  return (
    <div role="status" className={classes.root}>
      {online ? null : (
        <p className={classes.note}>
          <span className={classes.dot} aria-hidden />
          You are offline. What you clicked is loaded when the network is back.
        </p>
      )}
    </div>
  );
}
