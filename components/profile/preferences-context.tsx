"use client";

import { createContext, type ReactNode, useContext } from "react";

/** What components need to know of the viewer's preferences, beside the zone, which the clock knows. */
interface ViewerPreferences {
  shortcuts_enabled: boolean;
}

const PreferencesContext = createContext<ViewerPreferences>({ shortcuts_enabled: true });

export function PreferencesProvider({ value, children }: { value: ViewerPreferences; children: ReactNode }) {
  return <PreferencesContext.Provider value={value}>{children}</PreferencesContext.Provider>;
}

export function usePreferences(): ViewerPreferences {
  return useContext(PreferencesContext);
}
