"use client";

import { Combobox, Loader, TextInput, useCombobox } from "@mantine/core";
import { useEffect, useState } from "react";
import { fetchJson } from "#components/compare/fetch-json.ts";
import { isGuid } from "#lib/guid";
import type { FoundGroups } from "#lib/restore/schema";

/** How long somebody must stop typing before Graph is asked; milliseconds. */
const pauseMs = 350;

/** A group of the tenant, found by words of its name; its object id may be pasted. */
export function GroupSearch({
  tenantId,
  value,
  onType,
  onChoose,
}: {
  tenantId: number;
  value: string;
  onType: (text: string) => void;
  onChoose: (group: { id: string; name: string }) => void;
}) {
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const { found, loading } = useGroups(tenantId, value.trim());
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(id) => {
        const group = found?.groups.find((each) => each.id === id);
        combobox.closeDropdown();
        if (group) onChoose(group);
      }}
    >
      <Combobox.Target withExpandedAttribute>
        <TextInput
          label="Group name or object id"
          value={value}
          onChange={(event) => {
            onType(event.currentTarget.value);
            combobox.openDropdown();
          }}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          rightSection={loading ? <Loader size={14} /> : null}
          autoComplete="off"
          spellCheck={false}
          flex={1}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={found === null}>
        <Combobox.Options aria-label="Groups" style={{ maxHeight: 280, overflowY: "auto" }}>
          {found?.groups.map(({ id, name }) => (
            <Combobox.Option key={id} value={id}>
              {name}
              <span className="tp-dim"> {id}</span>
            </Combobox.Option>
          ))}
        </Combobox.Options>
        <div role="status">
          {found ? <Combobox.Footer hidden={said(found) === ""}>{said(found)}</Combobox.Footer> : null}
        </div>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function said({ groups, has_more, problem }: FoundGroups): string {
  if (problem !== null) return problem;
  if (groups.length === 0) return "No group has such a name.";
  return has_more ? "There are more: type more of the name." : "";
}

/** What was found for what stands there now; null: nothing was asked yet. */
function useGroups(tenantId: number, search: string): { found: FoundGroups | null; loading: boolean } {
  const [answer, setAnswer] = useState<{ search: string; found: FoundGroups } | null>(null);
  const asks = search !== "" && !isGuid(search);
  useEffect(() => {
    if (!asks) return;
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      const path = `/api/tenants/${tenantId}/groups?search=${encodeURIComponent(search)}`;
      const fetched = await fetchJson<FoundGroups>(path, stop.signal);
      if (stop.signal.aborted) return;
      const found = fetched.ok ? fetched.data : { groups: [], has_more: false, problem: fetched.message };
      setAnswer({ search, found });
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [tenantId, search, asks]);
  const found = asks && answer?.search === search ? answer.found : null;
  return { found, loading: asks && found === null };
}
