"use client";

import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
import { IconBuildings, IconKeyboard, IconLogout, IconUser, IconUserCircle } from "@tabler/icons-react";
import { useTransition } from "react";
import { Link } from "./link.tsx";

const schemes = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "As the system" },
] as const;

/** Who is signed in, the colours they want, and the way out. */
export function UserMenu({
  user,
  signOut,
  onShortcuts,
}: {
  user: { name: string; email: string };
  signOut: () => Promise<void>;
  /** Shows the keyboard shortcuts. */
  onShortcuts: () => void;
}) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [, start] = useTransition();
  return (
    <Menu position="bottom-end" width={232} shadow="md" keepMounted={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Account of ${user.name}`}>
          <IconUserCircle size={21} stroke={1.6} color="var(--tp-neutral)" aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.name}
          <br />
          {user.email}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item component={Link} href="/profile" leftSection={<IconUser size={16} aria-hidden />}>
          Your profile
        </Menu.Item>
        <Menu.Item component={Link} href="/tenants" leftSection={<IconBuildings size={16} aria-hidden />}>
          All tenants
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={onShortcuts}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Divider />
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(value) => setColorScheme(value as MantineColorScheme)}
        >
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
      </Menu.Dropdown>
    </Menu>
  );
}
