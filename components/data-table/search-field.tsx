"use client";

import { CloseButton, Loader, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useUrlState } from "./url-state.ts";

/** Search whose words live in the address; the server searches. */
export function SearchField({ label, name = "search" }: { label: string; name?: string }) {
  const { current, pending, change } = useUrlState();
  const [text, setText] = useState(current.get(name) ?? "");
  const send = useDebouncedCallback((value: string) => change({ [name]: value.trim() }), 250);
  const set = (value: string) => {
    setText(value);
    send(value);
  };
  return (
    <TextInput
      type="search"
      value={text}
      onChange={(event) => set(event.currentTarget.value)}
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
