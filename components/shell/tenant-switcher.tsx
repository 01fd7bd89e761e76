"use client";

import { IconSelector } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useRef, useState } from "react";
import type { SwitchableTenant } from "./tenant-list.tsx";
import classes from "./tenant-switcher.module.css";

const load = () => import("./tenant-list.tsx").then((module) => module.TenantList);
const TenantList = dynamic(load, { ssr: false });

/** Names the tenant one is in; opens the list to go to another. */
export function TenantSwitcher({
  tenant,
  tenants,
}: {
  tenant: SwitchableTenant;
  tenants: readonly SwitchableTenant[];
}) {
  const anchor = useRef<HTMLButtonElement>(null);
  const [used, setUsed] = useState(false);
  const [opened, setOpened] = useState(false);
  const toggle = (open: boolean) => {
    setUsed(true);
    setOpened(open);
  };
  return (
    <>
      <button
        ref={anchor}
        type="button"
        className={classes.button}
        aria-label={`Tenant: ${tenant.name}. Switch tenant`}
        aria-haspopup="listbox"
        aria-expanded={opened}
        onPointerEnter={load}
        onFocus={load}
        onClick={() => toggle(!opened)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" || opened) return;
          event.preventDefault();
          toggle(true);
        }}
      >
        <span className={classes.name}>{tenant.name}</span>
        <IconSelector size={16} aria-hidden />
      </button>
      {used && anchor.current ? (
        <TenantList
          anchor={anchor.current}
          opened={opened}
          onClose={() => setOpened(false)}
          tenant={tenant}
          tenants={tenants}
        />
      ) : null}
    </>
  );
}
