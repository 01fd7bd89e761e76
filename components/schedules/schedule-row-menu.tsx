"use client";

import { IconDots } from "@tabler/icons-react";
import type { Role } from "#lib/access/permissions";
import type { ScheduleRow } from "#lib/schedules/table";
import { MenuButton } from "../menu/menu-button.tsx";
import type { ScheduleActions } from "./actions.ts";
import type { BulkAct } from "./bulk-plan.ts";
import { useScheduleActs } from "./use-schedule-acts.tsx";

const load = () => import("./schedule-menu.tsx").then((module) => module.ScheduleMenu);

/** The button of a row's menu. */
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
  const { pending, ...acts } = useScheduleActs(schedule, actions);
  return (
    <MenuButton
      aria-label={`Actions for ${schedule.name}`}
      busy={pending}
      load={load}
      menu={{ schedule, tenantId, role, acts: { ...acts, remove: () => onAct("delete") } }}
    >
      <IconDots size={17} aria-hidden />
    </MenuButton>
  );
}
