"use client";

import { Menu } from "@mantine/core";
import type { OpenedMenu } from "#components/menu/menu-button";
import { MenuPanel } from "#components/menu/menu-panel";
import classes from "./set-header-actions.module.css";

/** What one does less often with the backup set whose page this is. */
export function SetHeaderMenu({
  menu,
  cannotRemove,
  remove,
}: {
  menu: OpenedMenu;
  /** Why it cannot be removed; null when it can. */
  cannotRemove: string | null;
  remove: () => void;
}) {
  return (
    <MenuPanel {...menu} width={250}>
      <Menu.Item
        disabled={cannotRemove !== null}
        onClick={remove}
        className={classes.refused ?? ""}
        style={cannotRemove === null ? { color: "var(--tp-danger)" } : undefined}
      >
        Remove
        {cannotRemove ? <span className={classes.reason}>{cannotRemove}</span> : null}
      </Menu.Item>
    </MenuPanel>
  );
}
