"use client";

import { usePathname } from "next/navigation";
import { type ReactNode, useEffect, useState } from "react";
import {
  CommandCenter,
  type CommandOverlay,
  type PaletteActions,
  type PaletteTenant,
} from "../command-palette/command-center.tsx";
import { OfflineNote } from "../live/offline-note.tsx";
import { Link } from "../navigation/link.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { Logo } from "../ui/logo.tsx";
import classes from "./app-frame.module.css";
import type { FrameUser } from "./frame-user.ts";
import { Overlays } from "./overlays.tsx";
import { PageOrSkeleton } from "./page-or-skeleton.tsx";
import { PrintWhole } from "./print-whole.tsx";
import { SessionEnded } from "./session-ended.tsx";
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
  beside,
  note = null,
  children,
}: {
  /** Navigation of a tenant; none on the portfolio. */
  navbar?: ReactNode;
  /** Between the logo and the user's menu. */
  tools?: ReactNode;
  user: FrameUser;
  signOut: () => Promise<void>;
  /** The tenant that the page is of; none on the portfolio and the profile. */
  tenant?: PaletteTenant | null;
  /** All of the user's tenants, to jump to. */
  tenants?: readonly PaletteTenant[];
  /** What the command palette can do in the tenant. */
  palette?: PaletteActions | null;
  /** What stays when the page is on its way: it is of the tenant, or over the page. */
  beside?: ReactNode;
  /** What is special about the tenant, above each of its pages; it stays, too. */
  note?: ReactNode;
  children: ReactNode;
}) {
  const [overlay, setOverlay] = useState<CommandOverlay>(null);
  const [opened, setOpened] = useState(false);
  const pathname = usePathname();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu of a phone closes when the page changes
  useEffect(() => setOpened(false), [pathname]);
  return (
    <div className={classes.root} data-navbar={navbar ? true : undefined}>
      <a href="#main" className="tp-skip">
        Skip to content
      </a>
      {/* The second class is how react-remove-scroll finds what must not move when a dialog takes the scroll bar away. */}
      <header className={`${classes.header} right-scroll-bar-position`}>
        <div className={classes.side}>
          {navbar ? (
            <IconButton
              className={classes.burger}
              aria-label="Navigation"
              aria-expanded={opened}
              onClick={() => setOpened(!opened)}
            >
              <span className={classes.bars} data-opened={opened || undefined} aria-hidden />
            </IconButton>
          ) : null}
          <Link href="/tenants" className={classes.home} aria-label="TenantPilot, all tenants">
            <Logo />
          </Link>
        </div>
        <div className={classes.side} data-tools>
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
        </div>
      </header>
      {navbar ? (
        <div className={classes.navbar} data-opened={opened || undefined}>
          {navbar}
        </div>
      ) : null}
      <main id="main" tabIndex={-1} className={classes.main}>
        <div className={classes.content}>
          {beside}
          <OfflineNote />
          {note ? <div className={classes.note}>{note}</div> : null}
          <PageOrSkeleton>{children}</PageOrSkeleton>
        </div>
      </main>
      <Overlays />
      <SessionEnded email={user.email} />
      <PrintWhole />
    </div>
  );
}
