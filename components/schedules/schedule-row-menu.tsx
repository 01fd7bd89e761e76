"use client";

import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { can, type Role } from "#lib/access/permissions";
import type { ScheduleRow } from "#lib/schedules/table";
import { Link } from "../shell/link.tsx";
import type { ScheduleActions } from "./actions.ts";
import type { BulkAct } from "./bulk-plan.ts";
import { useScheduleActs } from "./use-schedule-acts.tsx";

/** The acts on one schedule, for the roles that may. */
export function ScheduleRowMenu({
  schedule,
  tenantId,
  role,
  actions,
  onAct,
}: {
  schedule: ScheduleRow;
  tenantId: number;
  role: Role;
  actions: ScheduleActions;
  /** Opens the dialog that asks before the act. */
  onAct: (act: BulkAct) => void;
}) {
  const { pending, start, retry, setEnabled } = useScheduleActs(schedule, actions);
  const href = `/tenants/${tenantId}/backup-schedules/${schedule.id}`;
  const active = schedule.active_run_id !== null;
  const runs = can(role, "run:start");
  const writes = can(role, "schedule:write");
  return (
    <Menu position="bottom-end" width={190} shadow="md" keepMounted={false}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          loading={pending}
          aria-label={`Actions for ${schedule.name}`}
        >
          <IconDots size={17} color="var(--tp-neutral)" aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} href={href}>
          Open
        </Menu.Item>
        {runs ? (
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
        {writes ? (
          <>
            <Menu.Divider />
            <Menu.Item component={Link} href={`${href}/edit`}>
              Edit
            </Menu.Item>
            <Menu.Item
              component={Link}
              href={`/tenants/${tenantId}/backup-schedules/new?from=${schedule.id}`}
            >
              Duplicate
            </Menu.Item>
            <Menu.Item onClick={() => setEnabled(!schedule.is_enabled)}>
              {schedule.is_enabled ? "Disable" : "Enable"}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item onClick={() => onAct("delete")} style={{ color: "var(--tp-danger)" }}>
              Delete
            </Menu.Item>
          </>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}
