"use client";

import { Modal } from "@mantine/core";
import { Keys } from "../keyboard/keys.tsx";
import type { Shortcut } from "../keyboard/shortcuts.ts";
import { Link } from "../navigation/link.tsx";
import classes from "./shortcut-list.module.css";

const groups: readonly Shortcut["group"][] = ["Anywhere", "In a list", "Go to"];

/** Every shortcut of this page. Mount it to open it. */
export function ShortcutList({
  shortcuts,
  enabled,
  onClose,
}: {
  shortcuts: readonly Shortcut[];
  enabled: boolean;
  onClose: () => void;
}) {
  return (
    <Modal
      opened
      onClose={onClose}
      title="Keyboard shortcuts"
      size="44rem"
      centered
      transitionProps={{ duration: 80 }}
    >
      <div className={classes.groups}>
        {groups.map((group) => (
          <section key={group} className={classes.group}>
            <h3 className={classes.title}>{group}</h3>
            <dl className={classes.list}>
              {shortcuts
                .filter((shortcut) => shortcut.group === group)
                .map(({ keys, label }) => (
                  <div key={keys.join(" ")} className={classes.line}>
                    <dt>{label}</dt>
                    <dd>
                      <Keys of={keys} />
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <p className={classes.foot}>
        {enabled
          ? "Single keys wait while you type. "
          : "Single keys are turned off; those with Ctrl or ⌘ work. "}
        <Link href="/profile#shortcuts" className="tp-link" onClick={onClose}>
          Turn them {enabled ? "off" : "on"} in your profile
        </Link>
      </p>
    </Modal>
  );
}
