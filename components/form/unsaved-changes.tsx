"use client";

import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";

const ConfirmDialog = dynamic(
  () => import("../feedback/confirm-dialog.tsx").then((module) => module.ConfirmDialog),
  {
    ssr: false,
  },
);

/** Asks before a link, a reload or closing the tab throws away what was typed. */
export function UnsavedChanges({ dirty }: { dirty: boolean }) {
  const router = useRouter();
  const [target, setTarget] = useState<string | null>(null);
  useEffect(() => {
    if (!dirty) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    const ask = (event: MouseEvent) => {
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      if (!(link instanceof HTMLAnchorElement) || link.target === "_blank" || link.hash === "#main") return;
      if (link.origin !== window.location.origin) return;
      event.preventDefault();
      event.stopPropagation();
      setTarget(link.pathname + link.search);
    };
    window.addEventListener("beforeunload", stay);
    document.addEventListener("click", ask, { capture: true });
    return () => {
      window.removeEventListener("beforeunload", stay);
      document.removeEventListener("click", ask, { capture: true });
    };
  }, [dirty]);
  if (target === null) return null;
  return (
    <ConfirmDialog
      title="Leave without saving?"
      confirmLabel="Leave without saving"
      danger
      onClose={() => setTarget(null)}
      onConfirm={() => router.push(target)}
    >
      What you changed here is not saved yet, and would be lost.
    </ConfirmDialog>
  );
}
