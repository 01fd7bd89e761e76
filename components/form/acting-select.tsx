"use client";

import { Button, NativeSelect, type NativeSelectProps } from "@mantine/core";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { isApple } from "../ui/apple.ts";
import { HiddenWords } from "../ui/hidden-words.tsx";
import classes from "./acting-select.module.css";
import { choosesAtOnce, type LastKey } from "./chooses-at-once.ts";

/**
 * A select that does something: it writes, or leads elsewhere. Arrow keys on it only look at what there is (WCAG 3.2.2): what
 * they lead to stands there with a button beside it, and is done by that button or by Enter; Escape puts it back. Chosen
 * with a pointer, or in the open list, it is done at once.
 */
export function ActingSelect({
  label,
  value,
  data,
  onChoose,
  disabled = false,
  ...look
}: {
  /** What is chosen, for screen readers. */
  label: string;
  /** What is so now. */
  value: string;
  data: readonly { value: string; label: string }[];
  /** Is called for another value than the present one. */
  onChoose: (value: string) => void;
  disabled?: boolean;
} & Pick<NativeSelectProps, "size" | "w">) {
  const [looked, setLooked] = useState<string | null>(null);
  const select = useRef<HTMLSelectElement>(null);
  const lastKey = useRef<LastKey>(null);
  const hint = useId();
  const undone = looked === null || looked === value ? null : data.find((each) => each.value === looked);
  const choose = (chosen: string) => {
    setLooked(null);
    if (chosen !== value) onChoose(chosen);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (undone && event.key === "Enter") {
      event.preventDefault();
      return choose(undone.value);
    }
    if (undone && event.key === "Escape") {
      // Only the choice is put back: what it stands in stays open.
      event.stopPropagation();
      return setLooked(null);
    }
    lastKey.current = { key: event.key, altKey: event.altKey };
  };
  const forgetKey = () => {
    lastKey.current = null;
  };
  return (
    <span className={classes.root}>
      <NativeSelect
        {...look}
        ref={select}
        className={look.w === undefined ? (classes.fill ?? "") : ""}
        aria-label={label}
        aria-describedby={undone ? hint : undefined}
        value={undone?.value ?? value}
        data={[...data]}
        disabled={disabled}
        onFocus={forgetKey}
        onPointerDown={forgetKey}
        onKeyDown={onKeyDown}
        onChange={({ currentTarget }) => {
          if (choosesAtOnce(lastKey.current, isApple())) choose(currentTarget.value);
          else setLooked(currentTarget.value);
        }}
      />
      {undone ? (
        <>
          <Button
            size="compact-xs"
            disabled={disabled}
            aria-label={`Apply “${undone.label}”: ${label}`}
            onClick={() => {
              // The button goes away; the select has the keyboard then.
              select.current?.focus();
              choose(undone.value);
            }}
          >
            Apply
          </Button>
          <span id={hint}>
            <HiddenWords>Not done yet. Enter does it, Escape puts it back.</HiddenWords>
          </span>
        </>
      ) : null}
    </span>
  );
}
