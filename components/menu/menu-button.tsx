"use client";

import { type ComponentType, useId, useRef, useState } from "react";
import { useOnDemand } from "../feedback/use-on-demand.ts";
import { IconButton, type IconButtonProps } from "../ui/icon-button.tsx";

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
 * that nobody opens should cost a page nothing.
 */
export function MenuButton<Props extends object>({
  load,
  menu,
  ...button
}: Omit<IconButtonProps, "id" | "onClick"> & {
  /** Imports the menu, which is made of a MenuPanel. */
  load: () => Promise<ComponentType<Props & { menu: OpenedMenu }>>;
  /** What the menu is given beside its place. */
  menu: Props;
}) {
  const id = useId();
  const anchor = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState(false);
  const { code: Menu, prepare, want, forget } = useOnDemand(load);
  return (
    <>
      <IconButton
        {...button}
        ref={anchor}
        id={`${id}-target`}
        aria-haspopup="menu"
        aria-expanded={opened}
        aria-controls={opened ? `${id}-dropdown` : undefined}
        onPointerEnter={prepare}
        onFocus={prepare}
        onBlur={forget}
        onClick={() => (opened ? setOpened(false) : want(() => setOpened(true)))}
      />
      {Menu && anchor.current ? (
        <Menu {...menu} menu={{ id, anchor: anchor.current, opened, onClose: () => setOpened(false) }} />
      ) : null}
    </>
  );
}
