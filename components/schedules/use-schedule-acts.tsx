"use client";

import { Button } from "@mantine/core";
import type { Run } from "#lib/runs/schema";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { Link } from "../navigation/link.tsx";
import type { ScheduleActions } from "./actions.ts";

/** Run now, Retry, Enable and Disable of one schedule. They need no confirmation: none of them loses anything. */
export function useScheduleActs(
  schedule: { id: number; tenant_id: number; name: string },
  actions: ScheduleActions,
) {
  const { pending, run } = useAction();

  const started = (what: string) => (made: Run) =>
    toast.success(
      <>
        {what} of “{schedule.name}” started:{" "}
        <Link className="tp-link" href={`/tenants/${schedule.tenant_id}/runs/${made.id}`}>
          run {made.id}
        </Link>
      </>,
    );
  const setEnabled = (is_enabled: boolean) =>
    run(() => actions.setOneEnabled({ schedule_id: schedule.id, is_enabled }), {
      success: () =>
        toast.success(
          is_enabled ? (
            `“${schedule.name}” is enabled; it runs at its next occurrence.`
          ) : (
            <>
              “{schedule.name}” is disabled; it does not run until enabled again.{" "}
              <Button size="compact-xs" variant="default" onClick={() => setEnabled(true)}>
                Undo
              </Button>
            </>
          ),
        ),
    });
  return {
    pending,
    start: () => run(() => actions.startOne({ schedule_id: schedule.id }), { success: started("A run") }),
    retry: () => run(() => actions.retryOne({ schedule_id: schedule.id }), { success: started("A retry") }),
    setEnabled,
  };
}
