"use client";

import { type Ref, useImperativeHandle } from "react";

/**
 * Stands where Mantine wants the element that something hangs on as a child, and gives it one that is on the page
 * already. Everything else that Mantine would set on its child is set by whoever made that element.
 */
export function Anchored({ element, ref }: { element: HTMLElement; ref?: Ref<HTMLElement> }) {
  useImperativeHandle(ref, () => element, [element]);
  return null;
}
