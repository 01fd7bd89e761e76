"use client";

import { useSyncExternalStore } from "react";
import { isApple } from "../ui/apple.ts";
import classes from "./keys.module.css";

const never = () => () => {};

/** The keys of a shortcut, as caps. */
export function Keys({ of }: { of: readonly string[] }) {
  const apple = useSyncExternalStore(never, isApple, () => false);
  return (
    <span className={classes.keys}>
      {of.map((key, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same key may come twice, and none ever moves
        <kbd key={index} className={classes.key}>
          {key === "mod" ? (apple ? "⌘" : "Ctrl") : key.length === 1 ? key.toUpperCase() : key}
        </kbd>
      ))}
    </span>
  );
}
