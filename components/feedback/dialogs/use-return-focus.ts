"use client";

import { useLayoutEffect, useRef } from "react";

/**
 * Gives the focus back to where a dialog was opened from, when the dialog is unmounted. Mantine does so only for a
 * dialog that was mounted before it was opened. What a menu opened returns to the menu's button; and when that is gone,
 * because its row was deleted, the keyboard goes on at the top of the page's content.
 * @param from what opened it, where that was disabled while the dialog's content was read: it has the focus no more by then
 */
export function useReturnFocus(from: HTMLElement | null = null): void {
  const opener = useRef<HTMLElement | null>(null);
  const mounted = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what opened a dialog stays the same while it is open
  useLayoutEffect(() => {
    // Before the dialog's focus trap takes the focus: that happens in a later task.
    opener.current ??= from ?? focusedOutsideMenus();
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
