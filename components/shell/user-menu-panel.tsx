"use client";

import { type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
import { IconBuildings, IconKeyboard, IconLogout, IconShieldCog, IconUser } from "@tabler/icons-react";
import { useTransition } from "react";
import type { OpenedMenu } from "../menu/menu-button.tsx";
import { MenuPanel } from "../menu/menu-panel.tsx";
import { Link } from "../navigation/link.tsx";
import type { FrameUser } from "./frame-user.ts";
import classes from "./user-menu-panel.module.css";

const schemes = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "As the system" },
] as const;

export interface UserMenuPanelProps {
  menu: OpenedMenu;
  user: FrameUser;
  signOut: () => Promise<void>;
  /** Shows the keyboard shortcuts. */
  onShortcuts: () => void;
}

/** Who is signed in, the colors they want, and the way out. */
export function UserMenuPanel({ menu, user, signOut, onShortcuts }: UserMenuPanelProps) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [, start] = useTransition();
  return (
    <MenuPanel {...menu} width={232}>
      <Menu.Label>
        <span className={classes.name}>{user.name}</span>
        <span className={classes.email}>{user.email}</span>
      </Menu.Label>
      <Menu.Divider />
      <Menu.Item component={Link} href="/profile" leftSection={<IconUser size={16} aria-hidden />}>
        Your profile
      </Menu.Item>
      <Menu.Item component={Link} href="/tenants" leftSection={<IconBuildings size={16} aria-hidden />}>
        All tenants
      </Menu.Item>
      {user.is_platform_admin ? (
        <Menu.Item component={Link} href="/platform" leftSection={<IconShieldCog size={16} aria-hidden />}>
          Platform
        </Menu.Item>
      ) : null}
      <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={onShortcuts}>
        Keyboard shortcuts
      </Menu.Item>
      <Menu.Divider />
      <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as MantineColorScheme)}>
        {schemes.map(({ value, label }) => (
          <Menu.RadioItem key={value} value={value}>
            {label}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.Divider />
      <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => start(signOut)}>
        Sign out
      </Menu.Item>
    </MenuPanel>
  );
}
