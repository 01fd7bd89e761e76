"use client";

import { Menu } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { Anchored } from "./anchored.tsx";
import type { OpenedMenu } from "./menu-button.tsx";

/** The menu of a MenuButton: Mantine's, hung on a button that is there already. Its children are `Menu.Item`s. */
export function MenuPanel({
  id,
  anchor,
  opened,
  onClose,
  width,
  children,
}: OpenedMenu & { width: number; children: ReactNode }) {
  // Opened only once it is there: Mantine notes where the focus was, to return it, when it sees the menu open.
  const [there, setThere] = useState(false);
  useEffect(() => setThere(true), []);
  return (
    <Menu
      id={id}
      opened={there && opened}
      onChange={(open) => {
        if (!open) onClose();
      }}
      position="bottom-end"
      width={width}
      shadow="md"
      keepMounted={false}
    >
      <Menu.Target>
        <Anchored element={anchor} />
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
