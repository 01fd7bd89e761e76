"use client";

import { Menu } from "@mantine/core";
import type { OpenedMenu } from "#components/menu/menu-button";
import { MenuPanel } from "#components/menu/menu-panel";
import { Link } from "#components/navigation/link";
import { canIn, type Standing } from "#lib/access/permissions";
import type { ScheduleRow } from "#lib/schedules/table";

/** What a row's menu does. */
export interface ScheduleMenuActs {
  start: () => void;
  retry: () => void;
  setEnabled: (isEnabled: boolean) => void;
  remove: () => void;
}

/** The acts on one schedule, for the roles that may. */
export function ScheduleMenu({
  menu,
  schedule,
  tenantId,
  viewer,
  acts: { start, retry, setEnabled, remove },
}: {
  menu: OpenedMenu;
  schedule: ScheduleRow;
  tenantId: number;
  viewer: Standing;
  acts: ScheduleMenuActs;
}) {
  const href = `/tenants/${tenantId}/backup-schedules/${schedule.id}`;
  const active = schedule.active_run_id !== null;
  return (
    <MenuPanel {...menu} width={190}>
      <Menu.Item component={Link} href={href}>
        Open
      </Menu.Item>
      {canIn(viewer, "run:start") ? (
        <>
          <Menu.Divider />
          <Menu.Item disabled={active} onClick={start}>
            Run now
          </Menu.Item>
          <Menu.Item disabled={schedule.retryable_run_id === null} onClick={retry}>
            Retry
          </Menu.Item>
        </>
      ) : null}
      {canIn(viewer, "schedule:write") ? (
        <>
          <Menu.Divider />
          <Menu.Item component={Link} href={`${href}/edit`}>
            Edit
          </Menu.Item>
          <Menu.Item component={Link} href={`/tenants/${tenantId}/backup-schedules/new?from=${schedule.id}`}>
            Duplicate
          </Menu.Item>
          <Menu.Item onClick={() => setEnabled(!schedule.is_enabled)}>
            {schedule.is_enabled ? "Disable" : "Enable"}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={remove} style={{ color: "var(--tp-danger)" }}>
            Delete
          </Menu.Item>
        </>
      ) : null}
    </MenuPanel>
  );
}
