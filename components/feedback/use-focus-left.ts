"use client";

import { type RefObject, useLayoutEffect, useRef } from "react";
import { giveFocusBack, placesOf } from "./kept-focus.ts";

/**
 * For what goes away once it is followed, such as a link that clears what it stands beside: the focus that it had goes to
 * the panel or the page that it was in.
 * @returns for an element around it
 */
export function useFocusLeft<T extends HTMLElement>(): RefObject<T | null> {
  const around = useRef<T>(null);
  useLayoutEffect(() => {
    const { current } = around;
    return () => {
      const { activeElement } = document;
      if (!current?.contains(activeElement)) return;
      const places = placesOf(activeElement);
      setTimeout(() => giveFocusBack(places));
    };
  }, []);
  return around;
}
