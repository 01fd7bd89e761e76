"use client";

import { useEffect } from "react";

const traps = '[role="dialog"], [role="menu"]';

/**
 * Leaves the focus where somebody has put it in a dialog or a menu that has just opened. Mantine sets it twice, the second
 * time a moment later: who was quicker would be back at the beginning, and End and Enter would do what a menu's first line
 * says. It looks for `data-autofocus`, so what has the focus gets that.
 */
export function useFocusStays(): void {
  useEffect(() => {
    const note = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement)) return;
      const trap = target.closest(traps);
      if (!trap || trap === target) return;
      for (const each of trap.querySelectorAll("[data-autofocus]"))
        if (each !== target) each.removeAttribute("data-autofocus");
      target.setAttribute("data-autofocus", "");
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, []);
}
