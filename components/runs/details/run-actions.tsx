"use client";

import { Button, Group } from "@mantine/core";
import { IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import type { ActionOf } from "#components/feedback/action-result.ts";
import { ConfirmDialog } from "#components/feedback/dialogs/confirm.ts";
import { toast } from "#components/feedback/toast.ts";
import { useAction } from "#components/feedback/use-action.ts";
import { Link } from "#components/navigation/link";
import { canIn, type Standing } from "#lib/access/permissions";
import type { cancelRun } from "#lib/runs/cancel";
import type { retryRun } from "#lib/runs/retry";
import type { RunStatus } from "#lib/runs/schema";
import { canRetry } from "../run-state.ts";

export interface RunActionsOfTenant {
  retry: ActionOf<typeof retryRun>;
  cancel: ActionOf<typeof cancelRun>;
}

interface Target {
  id: number;
  tenant_id: number;
  backup_schedule_id: number;
  schedule_name: string;
  schedule_is_deleted: boolean;
  status: RunStatus;
  cancel_requested_at: string | null;
}

/** Retry and Cancel of one run, for roles that may. */
export function RunActions({
  run,
  viewer,
  actions,
}: {
  run: Target;
  viewer: Standing;
  actions: RunActionsOfTenant;
}) {
  const { pending, run: perform } = useAction();
  const [confirming, setConfirming] = useState(false);
  const active = run.status === "running";

  const retry = () =>
    perform(() => actions.retry({ schedule_id: run.backup_schedule_id, run_id: run.id }), {
      success: (started) =>
        toast.success(
          <>
            Retry of “{run.schedule_name}” started:{" "}
            <Link className="tp-link" href={`/tenants/${run.tenant_id}/runs/${started.id}`}>
              run {started.id}
            </Link>
          </>,
        ),
    });
  const cancel = () =>
    perform(() => actions.cancel({ run_id: run.id }), {
      success: () => toast.success(`Run ${run.id} is being canceled.`),
    });

  return (
    <Group gap="xs" className="tp-no-print">
      {canRetry(run.status) && !run.schedule_is_deleted && canIn(viewer, "run:start") ? (
        <Button leftSection={<IconRefresh size={16} aria-hidden />} loading={pending} onClick={retry}>
          Retry
        </Button>
      ) : null}
      {active && canIn(viewer, "run:cancel") ? (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} aria-hidden />}
          loading={pending}
          disabled={run.cancel_requested_at !== null}
          onClick={() => setConfirming(true)}
        >
          {run.cancel_requested_at === null ? "Cancel" : "Canceling…"}
        </Button>
      ) : null}
      {confirming ? (
        <ConfirmDialog
          title="Cancel this run?"
          confirmLabel="Cancel the run"
          danger
          onClose={() => setConfirming(false)}
          onConfirm={() => {
            setConfirming(false);
            cancel();
          }}
        >
          The run of “{run.schedule_name}” stops, and what it has captured so far is not kept: it makes no
          backup set. Earlier backup sets stay as they are.
        </ConfirmDialog>
      ) : null}
    </Group>
  );
}
