"use client";

import { AppShell, Burger, Group, ScrollArea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { usePathname } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import {
  CommandCenter,
  type CommandOverlay,
  type PaletteActions,
  type PaletteTenant,
} from "../command-palette/command-center.tsx";
import classes from "./app-frame.module.css";
import { Link } from "./link.tsx";
import { Logo } from "./logo.tsx";
import { overlaysId } from "./theme.ts";
import { UserMenu } from "./user-menu.tsx";

/** The frame around every signed-in page: header, navigation, main. */
export function AppFrame({
  navbar,
  tools,
  user,
  signOut,
  tenant = null,
  tenants = [],
  palette = null,
  children,
}: {
  /** Navigation of a tenant; none on the portfolio. */
  navbar?: ReactNode;
  /** Between the logo and the user's menu. */
  tools?: ReactNode;
  user: { name: string; email: string };
  signOut: () => Promise<void>;
  /** The tenant that the page is of; none on the portfolio and the profile. */
  tenant?: PaletteTenant | null;
  /** All of the user's tenants, to jump to. */
  tenants?: readonly PaletteTenant[];
  /** What the command palette can do in the tenant. */
  palette?: PaletteActions | null;
  children: ReactNode;
}) {
  const [overlay, setOverlay] = useState<CommandOverlay>(null);
  const [opened, { toggle, close }] = useDisclosure(false);
  const pathname = usePathname();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu of a phone closes when the page changes
  useEffect(close, [pathname]);
  return (
    <AppShell
      header={{ height: 52 }}
      {...(navbar
        ? { navbar: { width: 232, breakpoint: "sm" as const, collapsed: { mobile: !opened } } }
        : {})}
      padding={0}
      transitionDuration={120}
      classNames={{ header: classes.header ?? "", navbar: classes.navbar ?? "", main: classes.main ?? "" }}
    >
      <a href="#main" className="tp-skip">
        Skip to content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            {navbar ? (
              <Burger
                opened={opened}
                onClick={toggle}
                hiddenFrom="sm"
                size="sm"
                aria-label="Navigation"
                aria-expanded={opened}
              />
            ) : null}
            <Link href="/tenants" className={classes.home} aria-label="TenantPilot, all tenants">
              <Logo />
            </Link>
          </Group>
          <Group gap={4} wrap="nowrap">
            <CommandCenter
              tenant={tenant}
              tenants={tenants}
              actions={palette}
              overlay={overlay}
              setOverlay={setOverlay}
              signOut={signOut}
            />
            {tools}
            <UserMenu user={user} signOut={signOut} onShortcuts={() => setOverlay("shortcuts")} />
          </Group>
        </Group>
      </AppShell.Header>
      {navbar ? (
        <AppShell.Navbar>
          <ScrollArea h="100%" type="never">
            {navbar}
          </ScrollArea>
        </AppShell.Navbar>
      ) : null}
      <AppShell.Main id="main" tabIndex={-1}>
        <div className={classes.content}>{children}</div>
      </AppShell.Main>
      <section id={overlaysId} aria-label="Dialogs and menus" />
    </AppShell>
  );
}
