"use client";

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import { ClockProvider } from "../time/clock.tsx";
import { cssVariablesResolver, theme } from "./theme.ts";

/** Everything that components expect around them: theme, clock and zone of the viewer, toasts. */
export function Providers({ zone, now, children }: { zone: string; now: number; children: ReactNode }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <ClockProvider zone={zone} now={now}>
        <Notifications position="bottom-right" limit={4} autoClose={6000} />
        {children}
      </ClockProvider>
    </MantineProvider>
  );
}
