"use client";

import { MantineProvider } from "@mantine/core";
import type { ReactNode } from "react";
import { ToastHost } from "../feedback/toast-host.tsx";
import { PreferencesProvider } from "../profile/preferences-context.tsx";
import { ClockProvider } from "../time/clock.tsx";
import { NavigationProvider } from "./navigation.tsx";
import { cssVariablesResolver, theme } from "./theme.ts";

/** Everything that components expect around them: theme, clock, zone and preferences of the viewer, toasts. */
export function Providers({
  zone,
  chosenZone,
  now,
  shortcuts_enabled,
  children,
}: {
  zone: string;
  /** The zone that the viewer chose; null: as the browser. */
  chosenZone: string | null;
  now: number;
  shortcuts_enabled: boolean;
  children: ReactNode;
}) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <PreferencesProvider value={{ shortcuts_enabled }}>
        <ClockProvider zone={zone} chosenZone={chosenZone} now={now}>
          <NavigationProvider>
            <ToastHost />
            {children}
          </NavigationProvider>
        </ClockProvider>
      </PreferencesProvider>
    </MantineProvider>
  );
}
