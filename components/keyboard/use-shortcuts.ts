"use client";

import { useEffect, useEffectEvent, useRef } from "react";
import { match, type Shortcut, type ShortcutAct, sequenceMs } from "./shortcuts.ts";

const fields =
  "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable], [role=combobox], [role=listbox], [role=menu], [role=textbox]";

/** Whether keys go to something that takes them as text or looks for entries with them. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(fields) !== null;
}

/**
 * Listens for shortcuts on the whole page.
 * @param singles whether those of single characters are on at all
 * @param onModifier a modifier was pressed: what follows may be a shortcut
 */
export function useShortcuts(
  shortcuts: readonly Shortcut[],
  singles: boolean,
  perform: (act: ShortcutAct) => void,
  onModifier: () => void,
): void {
  const before = useRef<{ key: string; at: number } | null>(null);
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === "Control" || event.key === "Meta") onModifier();
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    const inDialog = document.querySelector("[role=dialog][aria-modal=true]") !== null;
    const held = before.current;
    before.current = null;
    const found = match(
      shortcuts,
      event,
      held && event.timeStamp - held.at <= sequenceMs ? held.key : null,
      singles && !inDialog && !isTyping(event.target),
    );
    if (!found) return;
    if ("awaiting" in found) {
      before.current = { key: found.awaiting, at: event.timeStamp };
      return;
    }
    event.preventDefault();
    perform(found.shortcut.act);
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

/** Moves the focus to the link of the next or previous row of the page's tables; Enter is then the browser's. */
export function focusRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll("#main tbody tr")].flatMap((row) => {
    const link = row.querySelector<HTMLAnchorElement>("a[href]");
    return link ? [{ row, link }] : [];
  });
  const at = rows.findIndex(({ row }) => row.contains(document.activeElement));
  const next = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next]?.link.focus();
}

/** Moves the focus to the search field of the page. @returns whether there is one */
export function focusSearch(): boolean {
  const field = [...document.querySelectorAll<HTMLInputElement>("#main input[type=search]")].find(
    (input) => input.checkVisibility() && !input.disabled,
  );
  field?.focus();
  field?.select();
  return field !== undefined;
}
