"use client";

import { CloseButton, Loader, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useUrlState } from "./url-state.ts";

/** Search whose words live in the address; the server searches. */
export function SearchField({ label, name = "search" }: { label: string; name?: string }) {
  const { current, pending, change } = useUrlState();
  const words = current.get(name) ?? "";
  const [text, setText] = useState(words);
  const sent = useRef(words);
  const send = useDebouncedCallback((value: string) => {
    sent.current = value.trim();
    change({ [name]: sent.current });
  }, 250);
  // The address can also change without this field: the browser's Back, "Clear filters".
  useEffect(() => {
    if (words === sent.current) return;
    sent.current = words;
    setText(words);
  }, [words]);
  const set = (value: string) => {
    setText(value);
    send(value);
  };
  return (
    <TextInput
      type="search"
      value={text}
      onChange={(event) => set(event.currentTarget.value)}
      // Who leaves the field may be on the way to another page: a search sent later would call them back.
      onBlur={() => send.flush()}
      placeholder={label}
      aria-label={label}
      w={{ base: "100%", xs: 260 }}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        pending ? (
          <Loader size={14} />
        ) : text ? (
          <CloseButton size="sm" aria-label="Clear search" onClick={() => set("")} />
        ) : null
      }
    />
  );
}
