"use client";

import { useEffect } from "react";

/** Unfolds what is folded while a page is printed: nobody can click on paper. */
export function PrintWhole() {
  useEffect(() => {
    const unfold = () => {
      for (const closed of document.querySelectorAll<HTMLDetailsElement>("main details:not([open])")) {
        closed.open = true;
        closed.dataset.openedForPrint = "";
      }
    };
    const foldAgain = () => {
      for (const opened of document.querySelectorAll<HTMLDetailsElement>("[data-opened-for-print]")) {
        opened.open = false;
        delete opened.dataset.openedForPrint;
      }
    };
    window.addEventListener("beforeprint", unfold);
    window.addEventListener("afterprint", foldAgain);
    return () => {
      window.removeEventListener("beforeprint", unfold);
      window.removeEventListener("afterprint", foldAgain);
    };
  }, []);
  return null;
}
