"use client";

import { IconUserCircle } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { MenuButton } from "../menu/menu-button.tsx";
import type { UserMenuPanelProps } from "./user-menu-panel.tsx";

const load = () => import("./user-menu-panel.tsx").then((module) => module.UserMenuPanel);
const UserMenuPanel = dynamic(load, { ssr: false });

/** Who is signed in; opens the colours they want, and the way out. */
export function UserMenu(props: Omit<UserMenuPanelProps, "menu">) {
  return (
    <MenuButton
      size="lg"
      aria-label={`Account of ${props.user.name}`}
      load={load}
      menu={(menu) => <UserMenuPanel {...props} menu={menu} />}
    >
      <IconUserCircle size={21} stroke={1.6} aria-hidden />
    </MenuButton>
  );
}
