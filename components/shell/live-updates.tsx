"use client";

import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent, useRef, useTransition } from "react";

const collectMs = 300;
const topics = ["run", "schedule", "set", "notification", "connection", "resync"] as const;

/**
 * Keeps the page current: one event stream a tenant, and a refresh of the page's data when something changed.
 * Events of the next 300 ms share a refresh, and a refresh under way is never overtaken by another. The browser
 * reconnects by itself; what was missed meanwhile is fetched when it does.
 */
export function LiveUpdates({ tenantId }: { tenantId: number }) {
  const router = useRouter();
  const [refreshing, start] = useTransition();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const missed = useRef(false);

  const refresh = useEffectEvent(() => {
    timer.current = undefined;
    if (refreshing) missed.current = true;
    else start(() => router.refresh());
  });
  const collect = useEffectEvent(() => {
    timer.current ??= setTimeout(() => refresh(), collectMs);
  });

  useEffect(() => {
    if (refreshing || !missed.current) return;
    missed.current = false;
    collect();
  }, [refreshing]);

  useEffect(() => {
    const stream = new EventSource(`/api/tenants/${tenantId}/live`);
    let opened = false;
    const changed = () => collect();
    stream.addEventListener("open", () => {
      if (opened) collect();
      opened = true;
    });
    for (const topic of topics) stream.addEventListener(topic, changed);
    return () => {
      stream.close();
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [tenantId]);

  return null;
}
