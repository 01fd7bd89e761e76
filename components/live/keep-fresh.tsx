"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

const everyMs = 60_000;

/** Reads the page's data anew every minute while it is looked at, and when one comes back to it. */
export function KeepFresh() {
  const router = useRouter();
  useEffect(() => {
    let readAt = Date.now();
    const read = () => {
      // A clock that was set back must not stop it.
      if (document.visibilityState !== "visible" || Math.abs(Date.now() - readAt) < everyMs) return;
      readAt = Date.now();
      router.refresh();
    };
    const timer = setInterval(read, everyMs / 4);
    document.addEventListener("visibilitychange", read);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", read);
    };
  }, [router]);
  return null;
}
