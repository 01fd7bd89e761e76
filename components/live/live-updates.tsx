"use client";

import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent, useRef, useState, useTransition } from "react";
import { tellSessionEnded, whoIsSignedIn } from "../navigation/session-end.ts";
import { hasUnsaved } from "../navigation/unsaved.ts";
import classes from "./live-updates.module.css";
import { useOnline } from "./offline-note.tsx";
import { watchLive } from "./watch-live.ts";

const collectMs = 300;
/** A moment without connection is nothing to tell: browsers reconnect on their own within seconds. */
const patienceMs = 5_000;

/**
 * Keeps the page current: one event stream a tenant, and a refresh of the page's data when something changed. Events of
 * the next 300 ms share a refresh, and a refresh under way is never overtaken by another. What was missed while there
 * was no connection is fetched when there is one again; who waits longer is told that data may be old.
 *
 * It watches the tenant that it began with: give it a key for each.
 */
export function LiveUpdates({
  tenantId,
  since,
}: {
  tenantId: number;
  /** Marks what the page knows: without news since then, it is current as it came, and is not asked for again. */
  since: string | null;
}) {
  const router = useRouter();
  const [refreshing, start] = useTransition();
  const [connected, setConnected] = useState(false);
  const [late, setLate] = useState(false);
  const online = useOnline();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const missed = useRef(false);

  // The page itself knows where to send who may not watch: to the sign-in page, or to "not found". A form that is not saved
  // would be lost on the way: where the session has ended, the page stays.
  const askAnew = useEffectEvent(() =>
    start(async () => {
      if (hasUnsaved() && (await whoIsSignedIn()) === null) tellSessionEnded();
      else start(() => router.refresh());
    }),
  );

  const refresh = useEffectEvent(() => {
    timer.current = undefined;
    if (refreshing) missed.current = true;
    // Without a connection there is nobody to ask; all that was missed is fetched when there is one again.
    else if (connected) askAnew();
  });
  const collect = useEffectEvent(() => {
    timer.current ??= setTimeout(() => refresh(), collectMs);
  });

  const url = useEffectEvent(() => liveUrl(tenantId, since));

  useEffect(() => {
    if (refreshing || !missed.current) return;
    missed.current = false;
    collect();
  }, [refreshing]);

  useEffect(() => {
    let opened = false;
    const stop = watchLive(url(), {
      onOpen() {
        setConnected(true);
        if (opened) collect();
        opened = true;
      },
      onLost: () => setConnected(false),
      onRefused: () => askAnew(),
      onChange: () => collect(),
    });
    return () => {
      stop();
      setConnected(false);
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, []);

  useEffect(() => {
    if (connected) return setLate(false);
    const patience = setTimeout(() => setLate(true), patienceMs);
    return () => clearTimeout(patience);
  }, [connected]);

  return (
    <div role="status" className={classes.root} data-live={connected ? "open" : "connecting"}>
      {late && online ? (
        <p className={classes.note}>
          <span className={classes.dot} aria-hidden />
          Reconnecting… data may be old
        </p>
      ) : null}
    </div>
  );
}

function liveUrl(tenantId: number, since: string | null): string {
  return `/api/tenants/${tenantId}/live${since ? `?since=${encodeURIComponent(since)}` : ""}`;
}
