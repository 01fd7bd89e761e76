"use client";

import { useRouter } from "next/navigation";
import { useEffect, useSyncExternalStore } from "react";
import { ConfirmDialog } from "../feedback/dialogs/confirm.ts";
import { isSignedIn, sessionEnd, tellSessionBack } from "../feedback/session-end.ts";
import { toast } from "../feedback/toast.ts";

const lookMs = 2_000;

/**
 * When the session ends under a page on which something is not saved: the page stays, and its person signs in in a tab
 * beside it, in whichever way they do. The page notices, and what was typed can be saved.
 */
export function SessionEnded() {
  const router = useRouter();
  const ended = useSyncExternalStore(sessionEnd.subscribe, sessionEnd.read, sessionEnd.readOnServer);
  useEffect(() => {
    if (!ended) return;
    let stopped = false;
    const look = async () => {
      if (document.visibilityState === "hidden" || (await isSignedIn()) !== true || stopped) return;
      tellSessionBack();
      toast.success("You are signed in again. Nothing was lost: save it now.");
      router.refresh();
    };
    const timer = setInterval(() => void look(), lookMs);
    window.addEventListener("focus", look);
    return () => {
      stopped = true;
      clearInterval(timer);
      window.removeEventListener("focus", look);
    };
  }, [ended, router]);
  if (!ended) return null;
  return (
    <ConfirmDialog
      title="You are signed out"
      confirmLabel="Sign in again"
      cancelLabel="Not now"
      onConfirm={() => void window.open("/sign-in?next=/sign-in/done", "tenantpilot-sign-in")}
      onClose={tellSessionBack}
    >
      Your session has ended, and nothing was saved. What you entered stays here: sign in in the tab that
      opens, then save it.
    </ConfirmDialog>
  );
}
