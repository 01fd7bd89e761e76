"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { ConfirmDialog } from "../feedback/dialogs/confirm.ts";
import { toast } from "../feedback/toast.ts";
import { sessionEnd, tellSessionBack, whoIsSignedIn } from "../navigation/session-end.ts";

const lookMs = 2_000;

const another = {
  type: "about:blank",
  title: "You are somebody else now",
  status: 409,
  code: "CONFLICT",
} as const;

/**
 * When the session ends under a page on which something is not saved: the page stays, and its person signs in in a tab
 * beside it, in whichever way they do. The page notices, and what was typed can be saved. Where somebody else has signed in,
 * it says in whose name that will be.
 * @param email of the person whom the page was made for
 */
export function SessionEnded({ email }: { email: string }) {
  const router = useRouter();
  const ended = useSyncExternalStore(sessionEnd.subscribe, sessionEnd.read, sessionEnd.readOnServer);
  // A page that is read anew before anybody looked is made for whoever signed in meanwhile: nobody would be told.
  const typist = useRef(email);
  useEffect(() => {
    if (!ended) typist.current = email;
  }, [ended, email]);
  useEffect(() => {
    if (!ended) return;
    let stopped = false;
    const look = async () => {
      if (document.visibilityState === "hidden") return;
      const who = await whoIsSignedIn();
      if (!who || stopped) return;
      tellSessionBack();
      if (who.email === typist.current)
        toast.success("You are signed in again. Nothing was lost: save it now.");
      else
        toast.problem({
          ...another,
          detail: `${who.name} (${who.email}) is signed in now. What you save on this page is saved in that name.`,
        });
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
