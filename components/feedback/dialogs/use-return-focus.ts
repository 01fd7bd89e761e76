"use client";

import { useLayoutEffect, useRef } from "react";

/**
 * Gives the focus back to where a dialog was opened from, when the dialog is unmounted. Mantine does so only for a
 * dialog that was mounted before it was opened. What a menu opened returns to the menu's button; and when that is gone,
 * because its row was deleted, the keyboard goes on at the top of the page's content.
 */
export function useReturnFocus(): void {
  const opener = useRef<HTMLElement | null>(null);
  const mounted = useRef(false);
  useLayoutEffect(() => {
    // Before the dialog's focus trap takes the focus: that happens in a later task.
    opener.current ??= focusedOutsideMenus();
    mounted.current = true;
    return () => {
      mounted.current = false;
      setTimeout(() => {
        const { activeElement } = document;
        if (mounted.current || (activeElement !== null && activeElement !== document.body)) return;
        const target = opener.current?.isConnected ? opener.current : document.getElementById("main");
        target?.focus({ preventScroll: true });
      });
    };
  }, []);
}

function focusedOutsideMenus(): HTMLElement | null {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || focused === document.body) return null;
  const button = focused.closest('[role="menu"]')?.getAttribute("aria-labelledby");
  return button ? document.getElementById(button) : focused;
}
