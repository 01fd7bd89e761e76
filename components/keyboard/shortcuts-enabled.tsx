"use client";

import { createContext, useContext } from "react";

const ShortcutsEnabledContext = createContext(true);

/** Whether the viewer wants shortcuts of single keys. */
export const ShortcutsEnabledProvider = ShortcutsEnabledContext.Provider;

export function useShortcutsEnabled(): boolean {
  return useContext(ShortcutsEnabledContext);
}
