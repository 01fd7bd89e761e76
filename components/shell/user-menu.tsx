"use client";

import { IconUserCircle } from "@tabler/icons-react";
import { MenuButton } from "../menu/menu-button.tsx";
import type { UserMenuPanelProps } from "./user-menu-panel.tsx";

const load = () => import("./user-menu-panel.tsx").then((module) => module.UserMenuPanel);

/** Who is signed in; opens the colors they want, and the way out. */
export function UserMenu(props: Omit<UserMenuPanelProps, "menu">) {
  return (
    <MenuButton size="lg" aria-label={`Account of ${props.user.name}`} load={load} menu={props}>
      <IconUserCircle size={21} stroke={1.6} aria-hidden />
    </MenuButton>
  );
}
