"use client";

import { useEffect, useEffectEvent } from "react";
import { useShortcutsEnabled } from "./shortcuts-enabled.tsx";

const typing =
  "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], [role=combobox], [role=listbox], [role=menu]";

/**
 * Calls `move` for the keys `j` and `k`, wherever nobody is typing, unless the viewer has turned such keys off. It
 * comes before the page's own shortcuts, which know of tables only.
 * @param move says whether there was somewhere to go
 */
export function useNeighborKeys(move: (direction: "next" | "previous") => boolean): void {
  const enabled = useShortcutsEnabled();
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (!enabled || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const direction = event.key === "j" ? "next" : event.key === "k" ? "previous" : null;
    if (!direction || (event.target instanceof Element && event.target.closest(typing))) return;
    if (document.querySelector("[role=dialog][aria-modal=true]")) return;
    if (move(direction)) event.preventDefault();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    window.addEventListener("keydown", listen, { capture: true });
    return () => window.removeEventListener("keydown", listen, { capture: true });
  }, []);
}
