import "./other-letters.css";
import "./mantine-styles.ts";
import "./globals.css";
import "./print.css";
import { ColorSchemeScript, mantineHtmlProps } from "@mantine/core";
import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { Providers } from "#components/shell/providers";
import { usableZone, zoneCookie } from "#components/time/zone-cookie.ts";
import { defaultPreferences } from "#lib/access/preferences-schema";
import { inter } from "./font.ts";
import { sessionUser } from "./session.ts";

export const metadata: Metadata = {
  title: { default: "TenantPilot", template: "%s · TenantPilot" },
  description: "Scheduled, provably complete backups of Microsoft 365 tenant policies",
  robots: { index: false },
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#fbfbfc" },
    { media: "(prefers-color-scheme: dark)", color: "#14171c" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Without a database there is a page still: the one that says so.
  const preferences = (await sessionUser().catch(() => null))?.preferences;
  const chosenZone = preferences?.time_zone ?? null;
  const zone = usableZone(chosenZone ?? (await cookies()).get(zoneCookie)?.value);
  return (
    <html lang="en" {...mantineHtmlProps} className={inter.variable}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" nonce={(await headers()).get("x-nonce") ?? undefined} />
      </head>
      <body>
        <Providers
          zone={zone}
          chosenZone={chosenZone && zone}
          hourClock={preferences?.hour_clock ?? defaultPreferences.hour_clock}
          now={Date.now()}
          shortcuts_enabled={preferences?.shortcuts_enabled ?? true}
        >
          {children}
        </Providers>
      </body>
    </html>
  );
}
