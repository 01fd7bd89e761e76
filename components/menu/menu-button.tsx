"use client";

import { type ReactNode, useId, useRef, useState } from "react";
import { IconButton, type IconButtonProps } from "../shell/icon-button.tsx";

/** What an opened menu gets from its button. */
export interface OpenedMenu {
  /** Ties both together for screen readers; the button's own id is this with `-target`. */
  id: string;
  anchor: HTMLElement;
  opened: boolean;
  onClose: () => void;
}

/**
 * A button that opens a menu. It is a plain button until somebody presses it: a table has one in each row, and a menu
 * that nobody opens should cost a page nothing. Give it a menu that is loaded on demand, around a MenuPanel.
 */
export function MenuButton({
  menu,
  load,
  ...button
}: Omit<IconButtonProps, "id" | "onClick"> & {
  menu: (opened: OpenedMenu) => ReactNode;
  /** Begins to load the menu: somebody is about to open it. */
  load: () => unknown;
}) {
  const id = useId();
  const anchor = useRef<HTMLButtonElement>(null);
  const [used, setUsed] = useState(false);
  const [opened, setOpened] = useState(false);
  return (
    <>
      <IconButton
        {...button}
        ref={anchor}
        id={`${id}-target`}
        aria-haspopup="menu"
        aria-expanded={opened}
        aria-controls={opened ? `${id}-dropdown` : undefined}
        onPointerEnter={load}
        onFocus={load}
        onClick={() => {
          setUsed(true);
          setOpened(!opened);
        }}
      />
      {used && anchor.current
        ? menu({ id, anchor: anchor.current, opened, onClose: () => setOpened(false) })
        : null}
    </>
  );
}
