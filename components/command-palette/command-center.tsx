"use client";

import { useMantineColorScheme } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useMemo } from "react";
import type { Standing } from "#lib/access/permissions";
import type { markNotificationsRead } from "#lib/notifications/list";
import type { searchTenant } from "#lib/overview/search";
import type { startRun } from "#lib/runs/start";
import type { ActionOf } from "../feedback/action-result.ts";
import { Keys } from "../keyboard/keys.tsx";
import { type ShortcutAct, shortcutsOf } from "../keyboard/shortcuts.ts";
import { useShortcutsEnabled } from "../keyboard/shortcuts-enabled.tsx";
import { focusRow, focusSearch, useShortcuts } from "../keyboard/use-shortcuts.ts";
import { leaveFor } from "../navigation/leave-for.ts";
import { useNavigate } from "../navigation/navigation.tsx";
import classes from "./command-center.module.css";

const loadPalette = () => import("./palette.tsx").then((module) => module.Palette);
const Palette = dynamic(loadPalette, { ssr: false });
/** A hint: it will probably be wanted. That it cannot be had matters only then. */
const preparePalette = () => void loadPalette().catch(() => {});
const ShortcutList = dynamic(() => import("./shortcut-list.tsx").then((module) => module.ShortcutList), {
  ssr: false,
});

/** What the palette can do in a tenant, beside going somewhere. */
export interface PaletteActions {
  search: ActionOf<typeof searchTenant>;
  startRun: ActionOf<typeof startRun>;
  markAllRead: ActionOf<typeof markNotificationsRead>;
}

export interface PaletteTenant extends Standing {
  id: number;
  name: string;
}

/** What is open over the page. */
export type CommandOverlay = "palette" | "shortcuts" | null;

/** The way to everything: a button for the palette, its shortcut, and all the other shortcuts. */
export function CommandCenter({
  tenant,
  tenants,
  actions,
  overlay,
  setOverlay,
  signOut,
}: {
  tenant: PaletteTenant | null;
  tenants: readonly PaletteTenant[];
  actions: PaletteActions | null;
  overlay: CommandOverlay;
  setOverlay: (overlay: CommandOverlay) => void;
  signOut: () => Promise<void>;
}) {
  const navigate = useNavigate();
  const { toggleColorScheme } = useMantineColorScheme();
  const shortcutsEnabled = useShortcutsEnabled();
  const shortcuts = useMemo(() => shortcutsOf({ tenant }), [tenant]);
  const perform = (act: ShortcutAct) => {
    switch (act.kind) {
      case "palette":
        return setOverlay(overlay === "palette" ? null : "palette");
      case "help":
        return setOverlay("shortcuts");
      case "theme":
        return toggleColorScheme();
      case "search":
        return focusSearch() ? undefined : setOverlay("palette");
      case "row":
        return focusRow(act.step);
      case "go":
        return leaveFor(act.href, navigate);
    }
  };
  // While the palette is on its way, what is typed is meant for it.
  useShortcuts(shortcuts, shortcutsEnabled && overlay === null, perform, preparePalette);
  return (
    <>
      <button
        type="button"
        className={classes.button}
        onClick={() => setOverlay("palette")}
        onPointerEnter={preparePalette}
        onFocus={preparePalette}
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K Meta+K"
      >
        <IconSearch size={17} stroke={1.75} aria-hidden />
        <span className={classes.words}>Search or jump…</span>{" "}
        <span className={classes.keys}>
          <Keys of={["mod", "k"]} />
        </span>
      </button>
      {overlay === "palette" ? (
        <Palette
          tenant={tenant}
          tenants={tenants}
          actions={actions}
          shortcuts={shortcutsEnabled ? shortcuts : []}
          perform={perform}
          signOut={signOut}
          onClose={() => setOverlay(null)}
        />
      ) : null}
      {overlay === "shortcuts" ? (
        <ShortcutList shortcuts={shortcuts} enabled={shortcutsEnabled} onClose={() => setOverlay(null)} />
      ) : null}
    </>
  );
}
