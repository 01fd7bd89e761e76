"use client";

import { IconSelector } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useOnDemand } from "../feedback/use-on-demand.ts";
import type { SwitchableTenant } from "./tenant-list.tsx";
import classes from "./tenant-switcher.module.css";

const load = () => import("./tenant-list.tsx").then((module) => module.TenantList);

/** Names the tenant one is in; opens the list to go to another. */
export function TenantSwitcher({
  tenant,
  tenants,
}: {
  tenant: SwitchableTenant;
  tenants: readonly SwitchableTenant[];
}) {
  const anchor = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState(false);
  const { code: TenantList, prepare, want, forget } = useOnDemand(load);
  const open = () => want(() => setOpened(true));
  return (
    <>
      <button
        ref={anchor}
        type="button"
        className={classes.button}
        aria-label={`Tenant: ${tenant.name}. Switch tenant`}
        aria-haspopup="listbox"
        aria-expanded={opened}
        onPointerEnter={prepare}
        onFocus={prepare}
        onBlur={forget}
        onClick={() => (opened ? setOpened(false) : open())}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" || opened) return;
          event.preventDefault();
          open();
        }}
      >
        <span className={classes.name}>{tenant.name}</span>
        <IconSelector size={16} aria-hidden />
      </button>
      {TenantList && anchor.current ? (
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
