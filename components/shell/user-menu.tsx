"use client";

import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
import { IconBuildings, IconLogout, IconUserCircle } from "@tabler/icons-react";
import Link from "next/link";
import { useTransition } from "react";

const schemes = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "As the system" },
] as const;

/** Who is signed in, the colours they want, and the way out. */
export function UserMenu({
  user,
  signOut,
}: {
  user: { name: string; email: string };
  signOut: () => Promise<void>;
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
        <Menu.Item component={Link} href="/tenants" leftSection={<IconBuildings size={16} aria-hidden />}>
          All tenants
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
