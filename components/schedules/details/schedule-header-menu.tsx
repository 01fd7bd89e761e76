"use client";

import { Menu } from "@mantine/core";
import type { OpenedMenu } from "#components/menu/menu-button";
import { MenuPanel } from "#components/menu/menu-panel";
import { Link } from "#components/navigation/link";

/** What one does less often with the schedule whose page this is. */
export function ScheduleHeaderMenu({
  menu,
  duplicateHref,
  isEnabled,
  setEnabled,
  remove,
}: {
  menu: OpenedMenu;
  duplicateHref: string;
  isEnabled: boolean;
  setEnabled: (isEnabled: boolean) => void;
  remove: () => void;
}) {
  return (
    <MenuPanel {...menu} width={180}>
      <Menu.Item component={Link} href={duplicateHref}>
        Duplicate
      </Menu.Item>
      <Menu.Item onClick={() => setEnabled(!isEnabled)}>{isEnabled ? "Disable" : "Enable"}</Menu.Item>
      <Menu.Divider />
      <Menu.Item onClick={remove} style={{ color: "var(--tp-danger)" }}>
        Delete
      </Menu.Item>
    </MenuPanel>
  );
}
