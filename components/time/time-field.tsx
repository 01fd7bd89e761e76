"use client";

import { TextInput, type TextInputProps } from "@mantine/core";
import { type Ref, useState } from "react";
import { useHourClock } from "./clock.tsx";
import { timeOfDayText } from "./format.ts";
import { readTime } from "./read-time.ts";

/**
 * A time of day on the viewer's clock, as everywhere else: a browser's own field would show it in the browser's language.
 * What people type otherwise (`2.30 pm`) is put right when they leave the field.
 * @param value `HH:mm` as schedules keep it, or what was typed while it is no time yet
 */
export function TimeField({
  value,
  onChange,
  inputRef,
  onBlur,
  example = "02:30",
  ...input
}: Omit<TextInputProps, "value" | "onChange" | "type" | "onBlur"> & {
  value: string;
  onChange: (time: string) => void;
  onBlur?: () => void;
  inputRef?: Ref<HTMLInputElement>;
  /** What stands in the empty field, as `HH:mm`. */
  example?: string;
}) {
  const clock = useHourClock();
  // While somebody types, the field shows what they type; what depends on the time has it as soon as it is one.
  const [typed, setTyped] = useState<string | null>(null);
  const time = readTime(value);
  return (
    <TextInput
      {...input}
      ref={inputRef ?? null}
      placeholder={timeOfDayText(example, clock)}
      maxLength={10}
      autoComplete="off"
      value={typed ?? (time === null ? value : timeOfDayText(time, clock))}
      onChange={(event) => {
        const { value: text } = event.currentTarget;
        setTyped(text);
        onChange(readTime(text) ?? text);
      }}
      onBlur={() => {
        setTyped(null);
        onBlur?.();
      }}
      styles={{ input: { fontVariantNumeric: "tabular-nums" } }}
    />
  );
}
