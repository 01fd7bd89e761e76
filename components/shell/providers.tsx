"use client";

import { MantineProvider } from "@mantine/core";
import type { ReactNode } from "react";
import type { HourClock } from "#lib/access/preferences-schema";
import { ToastHost } from "../feedback/toast-host.tsx";
import { useFocusStays } from "../feedback/use-focus-stays.ts";
import { ShortcutsEnabledProvider } from "../keyboard/shortcuts-enabled.tsx";
import { NavigationProvider } from "../navigation/navigation.tsx";
import { ClockProvider } from "../time/clock.tsx";
import { cssVariablesResolver, theme } from "./theme.ts";

/** Everything that components expect around them: theme, clock, zone and preferences of the viewer, toasts. */
export function Providers({
  zone,
  chosenZone,
  hourClock,
  now,
  shortcuts_enabled,
  children,
}: {
  zone: string;
  /** The zone that the viewer chose; null: as the browser. */
  chosenZone: string | null;
  hourClock: HourClock;
  now: number;
  shortcuts_enabled: boolean;
  children: ReactNode;
}) {
  useFocusStays();
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <ShortcutsEnabledProvider value={shortcuts_enabled}>
        <ClockProvider zone={zone} chosenZone={chosenZone} hourClock={hourClock} now={now}>
          <NavigationProvider>
            <ToastHost />
            {children}
          </NavigationProvider>
        </ClockProvider>
      </ShortcutsEnabledProvider>
    </MantineProvider>
  );
}
