"use client";

import { useUrlState } from "#components/data-table/url-state.ts";
import { ActingSelect } from "#components/form/acting-select";

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
    <ActingSelect
      label="Other tenant"
      value={String(value)}
      onChoose={(tenant) => change({ tenant, set: null })}
      data={tenants.map(({ id, name }) => ({ value: String(id), label: name }))}
    />
  );
}
