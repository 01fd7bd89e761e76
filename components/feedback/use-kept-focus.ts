"use client";

import { useCallback, useEffect, useRef } from "react";
import { giveFocusBack, placesOf } from "./kept-focus.ts";

/**
 * For a button that is disabled while what it began is under way, and may be gone afterwards: it gets its focus back, or leaves it
 * to the row, the panel or the page that it was in.
 * @param pending whether it is under way
 * @returns to be called right before it begins. What begins by itself holds nothing
 */
export function useKeptFocus(pending: boolean): () => void {
  const places = useRef<readonly HTMLElement[]>([]);
  const isHeld = useRef(false);
  useEffect(() => {
    if (!pending) {
      isHeld.current = false;
      lookAfter(places);
      return;
    }
    if (!isHeld.current) return;
    // A dialog that closes meanwhile gives the focus to what opened it, which may be the next to go.
    const follow = (event: FocusEvent) => {
      places.current = placesOf(event.target);
    };
    document.addEventListener("focusin", follow);
    return () => document.removeEventListener("focusin", follow);
  }, [pending]);
  // What did it may go away with its row.
  useEffect(() => () => lookAfter(places), []);
  return useCallback(() => {
    isHeld.current = true;
    places.current = placesOf(document.activeElement);
  }, []);
}

function lookAfter(places: { current: readonly HTMLElement[] }): void {
  const lost = places.current;
  places.current = [];
  if (lost[0]?.isConnected) giveFocusBack(lost);
  // A dialog that is gone as well gives the focus back itself, in a task of its own.
  else if (lost.length > 0) setTimeout(() => giveFocusBack(lost));
}
