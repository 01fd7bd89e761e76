"use client";

import { TextInput, type TextInputProps } from "@mantine/core";
import type { Ref } from "react";
import { readTime } from "./read-time.ts";

/**
 * A time of day on a clock of 24 hours, as everywhere else: a browser's own field would show it in the browser's language.
 * What people type otherwise (`2.30 pm`) is put right when they leave the field.
 */
export function TimeField({
  value,
  onChange,
  inputRef,
  onBlur,
  ...input
}: Omit<TextInputProps, "value" | "onChange" | "type" | "onBlur"> & {
  value: string;
  onChange: (time: string) => void;
  onBlur: () => void;
  inputRef: Ref<HTMLInputElement>;
}) {
  return (
    <TextInput
      {...input}
      ref={inputRef}
      placeholder="02:30"
      maxLength={10}
      autoComplete="off"
      value={value}
      onChange={(event) => {
        const { value: typed } = event.currentTarget;
        // Five characters such as 02:30 are finished: what depends on the time need not wait.
        onChange(/^\d\d\.\d\d$/.test(typed) ? (readTime(typed) ?? typed) : typed);
      }}
      onBlur={() => {
        const time = readTime(value);
        if (time !== null && time !== value) onChange(time);
        onBlur();
      }}
      styles={{ input: { fontVariantNumeric: "tabular-nums" } }}
    />
  );
}
