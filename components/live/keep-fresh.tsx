"use client";

import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent, useTransition } from "react";
import { readWhileShown } from "./read-while-shown.ts";

/** Reads the page's data anew every minute while it is looked at, and when one comes back to it. */
export function KeepFresh() {
  const router = useRouter();
  const [reading, start] = useTransition();
  const read = useEffectEvent(() => start(() => router.refresh()));
  const isReading = useEffectEvent(() => reading);
  useEffect(() => readWhileShown({ read: () => read(), isReading: () => isReading() }), []);
  return null;
}
