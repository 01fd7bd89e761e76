"use client";

import { NativeSelect } from "@mantine/core";
import { useUrlState } from "#components/data-table/url-state.ts";

/** Chooses the other tenant of a comparison; its set is chosen anew. */
export function TenantChoice({
  tenants,
  value,
}: {
  tenants: readonly { id: number; name: string }[];
  value: number;
}) {
  const { change } = useUrlState();
  return (
    <NativeSelect
      aria-label="Other tenant"
      value={String(value)}
      onChange={(event) => change({ tenant: event.currentTarget.value, set: null })}
      data={tenants.map(({ id, name }) => ({ value: String(id), label: name }))}
    />
  );
}
