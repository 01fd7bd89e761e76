"use client";

import { useSyncExternalStore } from "react";

const never = () => () => {};

/**
 * Whether scripts are running on the page. Until then text fields are read-only: what is typed into a field
 * that the form does not know yet would be lost.
 */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
