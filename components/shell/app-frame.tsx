"use client";

import { AppShell, Burger, Group, ScrollArea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { type ReactNode, useEffect } from "react";
import classes from "./app-frame.module.css";
import { Logo } from "./logo.tsx";
import { overlaysId } from "./theme.ts";
import { UserMenu } from "./user-menu.tsx";

/** The frame around every signed-in page: header, navigation, main. */
export function AppFrame({
  navbar,
  tools,
  user,
  signOut,
  children,
}: {
  /** Navigation of a tenant; none on the portfolio. */
  navbar?: ReactNode;
  /** Between the logo and the user's menu. */
  tools?: ReactNode;
  user: { name: string; email: string };
  signOut: () => Promise<void>;
  children: ReactNode;
}) {
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
            {tools}
            <UserMenu user={user} signOut={signOut} />
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
