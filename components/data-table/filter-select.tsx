"use client";

import { NativeSelect } from "@mantine/core";
import { useUrlState } from "./url-state.ts";

/** A filter whose choice lives in the address. */
export function FilterSelect({
  label,
  name,
  options,
}: {
  label: string;
  name: string;
  /** The first one stands for no filter when its value is empty. */
  options: readonly { value: string; label: string }[];
}) {
  const { current, change } = useUrlState();
  return (
    <NativeSelect
      aria-label={label}
      value={current.get(name) ?? ""}
      onChange={(event) => change({ [name]: event.currentTarget.value })}
      data={[...options]}
      w={{ base: "calc(50% - 0.25rem)", xs: "auto" }}
    />
  );
}
