"use client";

import { useEffect, useState } from "react";
import { ConfirmDialog } from "../feedback/dialogs/confirm.ts";
import { useNavigate } from "../navigation/navigation.tsx";
import { agreeToLeave, isAgreed, noteUnsaved } from "../navigation/unsaved.ts";

/**
 * Asks before a link, Back and Forward, a reload or closing the tab throws away what was typed. Where several forms of a page
 * hold something, the first of them asks for all.
 */
export function UnsavedChanges({
  dirty,
  samePageKeeps = false,
}: {
  dirty: boolean;
  /** What was typed stays where a link only changes the page's query, such as to the next page of a list below it. */
  samePageKeeps?: boolean;
}) {
  const navigate = useNavigate();
  const [leave, setLeave] = useState<(() => void) | null>(null);
  useEffect(() => {
    if (!dirty) return;
    const forget = noteUnsaved();
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    const ask = (event: MouseEvent) => {
      if (event.defaultPrevented) return;
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      if (!(link instanceof HTMLAnchorElement) || link.target === "_blank" || link.hash === "#main") return;
      if (link.origin !== window.location.origin) return;
      if (samePageKeeps && link.pathname === window.location.pathname) return;
      event.preventDefault();
      event.stopPropagation();
      const path = link.pathname + link.search;
      setLeave(() => () => navigate(path));
    };
    // Back and Forward inside the application unload nothing; the Navigation API is the only one to announce them.
    const history = "navigation" in window ? window.navigation : null;
    const askBeforeTraverse = (event: NavigateEvent) => {
      const { key } = event.destination;
      if (event.defaultPrevented || event.navigationType !== "traverse" || !event.cancelable) return;
      if (isAgreed(key)) return;
      if (samePageKeeps && new URL(event.destination.url).pathname === window.location.pathname) return;
      event.preventDefault();
      setLeave(() => () => {
        agreeToLeave(key);
        history?.traverseTo(key);
      });
    };
    window.addEventListener("beforeunload", stay);
    document.addEventListener("click", ask, { capture: true });
    history?.addEventListener("navigate", askBeforeTraverse);
    return () => {
      forget();
      window.removeEventListener("beforeunload", stay);
      document.removeEventListener("click", ask, { capture: true });
      history?.removeEventListener("navigate", askBeforeTraverse);
    };
  }, [dirty, samePageKeeps, navigate]);
  if (leave === null) return null;
  return (
    <ConfirmDialog
      title="Leave without saving?"
      confirmLabel="Leave without saving"
      danger
      onClose={() => setLeave(null)}
      onConfirm={leave}
    >
      What you changed here is not saved yet, and would be lost.
    </ConfirmDialog>
  );
}
