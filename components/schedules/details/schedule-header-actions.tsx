"use client";

import { Button } from "@mantine/core";
import { IconDots, IconPencil, IconPlayerPlay, IconRefresh } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { MenuButton } from "#components/menu/menu-button";
import { ButtonLink } from "#components/navigation/button-link";
import { useNavigate } from "#components/navigation/navigation";
import { canIn, type Standing } from "#lib/access/permissions";
import type { Schedule } from "#lib/schedules/schema";
import type { ScheduleActions } from "../actions.ts";
import { useScheduleActs } from "../use-schedule-acts.tsx";

const loadMenu = () => import("./schedule-header-menu.tsx").then((module) => module.ScheduleHeaderMenu);
const BulkDialog = dynamic(() => import("../bulk/bulk-dialog.tsx").then((module) => module.BulkDialog), {
  ssr: false,
});

/** What one can do with the schedule whose page this is, for the roles that may. */
export function ScheduleHeaderActions({
  schedule,
  activeRunId,
  hasEndedRun,
  viewer,
  actions,
}: {
  schedule: Schedule;
  activeRunId: number | null;
  hasEndedRun: boolean;
  viewer: Standing;
  actions: ScheduleActions;
}) {
  const navigate = useNavigate();
  const { pending, start, retry, setEnabled } = useScheduleActs(schedule, actions);
  const [deleting, setDeleting] = useState(false);
  const list = `/tenants/${schedule.tenant_id}/backup-schedules`;
  const troubled = schedule.last_run_status !== null && schedule.last_run_status !== "success";
  const runs = canIn(viewer, "run:start");
  return (
    <>
      {runs ? (
        <Button
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={pending}
          disabled={activeRunId !== null}
          onClick={start}
        >
          Run now
        </Button>
      ) : null}
      {runs && hasEndedRun && troubled && activeRunId === null ? (
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden />}
          loading={pending}
          onClick={retry}
        >
          Retry
        </Button>
      ) : null}
      {canIn(viewer, "schedule:write") ? (
        <>
          <ButtonLink
            href={`${list}/${schedule.id}/edit`}
            variant="default"
            leftSection={<IconPencil size={16} aria-hidden />}
          >
            Edit
          </ButtonLink>
          <MenuButton
            size="lg"
            bordered
            aria-label="More actions"
            load={loadMenu}
            menu={{
              duplicateHref: `${list}/new?from=${schedule.id}`,
              isEnabled: schedule.is_enabled,
              setEnabled,
              remove: () => setDeleting(true),
            }}
          >
            <IconDots size={17} aria-hidden />
          </MenuButton>
        </>
      ) : null}
      {deleting ? (
        <BulkDialog
          act="delete"
          targets={[
            {
              id: schedule.id,
              name: schedule.name,
              is_enabled: schedule.is_enabled,
              active_run_id: activeRunId,
              has_ended_run: hasEndedRun,
              last_run_status: schedule.last_run_status,
            },
          ]}
          tenantId={schedule.tenant_id}
          actions={actions}
          onClose={() => setDeleting(false)}
          onDone={() => navigate(list)}
        />
      ) : null}
    </>
  );
}
