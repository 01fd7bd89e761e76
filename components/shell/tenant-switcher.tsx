"use client";

import { Combobox, InputBase, useCombobox } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { Role } from "#lib/access/permissions";
import classes from "./tenant-switcher.module.css";

interface Tenant {
  id: number;
  name: string;
  role: Role;
}

const shown = 50;

/** Names the tenant one is in, and goes to another; with search for people who have hundreds. */
export function TenantSwitcher({ tenant, tenants }: { tenant: Tenant; tenants: readonly Tenant[] }) {
  const router = useRouter();
  const [search, setSearch] = useState("");
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setSearch("");
    },
    onDropdownOpen: () => combobox.focusSearchInput(),
  });
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
        router.push(`/tenants/${id}`);
      }}
    >
      <Combobox.Target targetType="button">
        <InputBase
          component="button"
          type="button"
          pointer
          onClick={() => combobox.toggleDropdown()}
          rightSection={<IconSelector size={16} aria-hidden />}
          rightSectionPointerEvents="none"
          aria-label={`Tenant: ${tenant.name}. Switch tenant`}
          classNames={{ input: classes.button ?? "" }}
        >
          <span className={classes.name}>{tenant.name}</span>
        </InputBase>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          placeholder="Find a tenant"
          aria-label="Find a tenant"
        />
        <Combobox.Options mah={320} style={{ overflowY: "auto" }} aria-label="Tenants">
          {matching.length === 0 ? <Combobox.Empty>No tenant has this name</Combobox.Empty> : null}
          {matching.slice(0, shown).map((option) => (
            <Combobox.Option key={option.id} value={String(option.id)} active={option.id === tenant.id}>
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
