"use client";

import { Combobox, useCombobox } from "@mantine/core";
import { useEffect, useState } from "react";
import type { Role } from "#lib/access/permissions";
import { Anchored } from "../menu/anchored.tsx";
import { leaveFor } from "../navigation/leave-for.ts";
import { useNavigate } from "../navigation/navigation.tsx";
import classes from "./tenant-switcher.module.css";

export interface SwitchableTenant {
  id: number;
  name: string;
  role: Role;
}

/** How many are listed; the others are found by searching. */
const shown = 50;

/** One's tenants below the switcher, with search for people who have hundreds. */
export function TenantList({
  anchor,
  opened,
  onClose,
  tenant,
  tenants,
}: {
  anchor: HTMLElement;
  opened: boolean;
  onClose: () => void;
  tenant: SwitchableTenant;
  tenants: readonly SwitchableTenant[];
}) {
  const navigate = useNavigate();
  const [there, setThere] = useState(false);
  useEffect(() => setThere(true), []);
  const [search, setSearch] = useState("");
  const combobox = useCombobox({
    opened: there && opened,
    onOpenedChange: (open) => {
      if (!open) onClose();
    },
    onDropdownClose: () => {
      // The search had the focus.
      if (document.activeElement?.closest("[data-tenant-list]")) anchor.focus();
    },
  });
  const { focusSearchInput, resetSelectedOption } = combobox;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the list opens; it begins anew each time
  useEffect(() => {
    if (!there || !opened) return;
    setSearch("");
    resetSelectedOption();
    focusSearchInput();
  }, [there, opened]);
  const wanted = search.trim().toLowerCase();
  const matching = tenants.filter((option) => option.name.toLowerCase().includes(wanted));
  return (
    <Combobox
      store={combobox}
      shadow="md"
      width={280}
      position="bottom-start"
      onOptionSubmit={(id) => {
        combobox.closeDropdown();
        leaveFor(`/tenants/${id}`, navigate);
      }}
    >
      <Combobox.Target targetType="button" withAriaAttributes={false}>
        <Anchored element={anchor} />
      </Combobox.Target>
      <Combobox.Dropdown data-tenant-list>
        <Combobox.Search
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          placeholder="Find a tenant"
          aria-label="Find a tenant"
        />
        <Combobox.Options mah={320} style={{ overflowY: "auto" }} aria-label="Tenants">
          {matching.length === 0 ? <Combobox.Empty>No tenant has this name</Combobox.Empty> : null}
          {matching.slice(0, shown).map((option) => (
            <Combobox.Option
              key={option.id}
              value={String(option.id)}
              active={option.id === tenant.id}
              className={classes.choice ?? ""}
            >
              <span className={classes.option}>
                <span className={classes.name}>{option.name}</span>
                <span className={classes.role}>{option.role}</span>
              </span>
            </Combobox.Option>
          ))}
        </Combobox.Options>
        {matching.length > shown ? (
          <Combobox.Footer>{matching.length - shown} more: search for one</Combobox.Footer>
        ) : null}
      </Combobox.Dropdown>
    </Combobox>
  );
}
