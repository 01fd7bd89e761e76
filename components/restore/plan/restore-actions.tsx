"use client";

import { Button } from "@mantine/core";
import { IconArrowBackUp, IconPlayerPlay, IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import type { ActionResult } from "#components/feedback/action-result.ts";
import { ConfirmDialog } from "#components/feedback/dialogs/confirm.ts";
import { toast } from "#components/feedback/toast.ts";
import { useAction } from "#components/feedback/use-action.ts";
import { useNavigate } from "#components/navigation/navigation";
import { canIn, type Standing } from "#lib/access/permissions";
import type { Restore } from "#lib/restore/schema";
import type { RestoreActions } from "../actions.ts";
import { showPlan } from "../start/show-plan.ts";
import type { RestoreDetails } from "./restore-details.ts";

/** What one can do with a restore as a whole, where it stands now, for roles that may. */
export function RestoreHeaderActions({
  restore,
  viewer,
  actions,
}: {
  restore: RestoreDetails;
  viewer: Standing;
  actions: RestoreActions;
}) {
  const { pending, run } = useAction();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<"discard" | "stop" | null>(null);
  const { id, status } = restore;
  const input = { restore_id: id };
  const act = (call: () => Promise<ActionResult<Restore>>, done: string) =>
    run(call, { success: () => toast.success(done) });
  const [plans, executes] = [canIn(viewer, "restore:plan"), canIn(viewer, "restore:execute")];
  const discardable = ["planning", "planned", "plan_failed"].includes(status);
  // What has only differences is not written again.
  const hasFailed = status === "done_with_problems" && (restore.states.failed ?? 0) > 0;
  const active = ["queued", "running", "waiting", "awaiting_approval"].includes(status);
  const shared = { variant: "default", className: "tp-no-print", loading: pending } as const;
  return (
    <>
      {plans && (status === "planned" || status === "plan_failed") ? (
        <Button
          {...shared}
          leftSection={<IconRefresh size={16} aria-hidden />}
          onClick={() => act(() => actions.replan(input), "What is live is being read again.")}
        >
          Plan again
        </Button>
      ) : null}
      {plans && discardable ? (
        <Button {...shared} onClick={() => setAsking("discard")}>
          Discard
        </Button>
      ) : null}
      {executes && active ? (
        <Button
          {...shared}
          leftSection={<IconPlayerStop size={16} aria-hidden />}
          disabled={restore.stop_requested_at !== null}
          onClick={() => setAsking("stop")}
        >
          {status === "awaiting_approval" ? "Withdraw" : restore.stop_requested_at ? "Stopping…" : "Stop"}
        </Button>
      ) : null}
      {executes && (status === "stopped" || status === "failed" || hasFailed) ? (
        <Button
          loading={pending}
          className="tp-no-print"
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          onClick={() => act(() => actions.resume(input), `Restore ${id} goes on.`)}
        >
          Resume
        </Button>
      ) : null}
      {plans && restore.may_undo ? (
        <Button
          {...shared}
          leftSection={<IconArrowBackUp size={16} aria-hidden />}
          title="Makes a plan from what was live just before; nothing is written yet"
          onClick={() =>
            run(() => actions.undo(input), {
              success: (made, isHere) => showPlan(made, isHere, navigate),
              refresh: false,
            })
          }
        >
          Undo…
        </Button>
      ) : null}
      {asking === "discard" ? (
        <ConfirmDialog
          title={`Discard restore ${id}?`}
          confirmLabel="Discard the plan"
          onClose={() => setAsking(null)}
          onConfirm={() => {
            setAsking(null);
            act(() => actions.discard(input), "The plan is discarded. Nothing was written.");
          }}
        >
          The plan stays in the list and can be read, but nobody can carry it out any more. Nothing was
          written, and nothing changes in the Microsoft 365 tenant.
        </ConfirmDialog>
      ) : null}
      {asking === "stop" ? (
        <ConfirmDialog
          title={status === "awaiting_approval" ? "Withdraw the request?" : `Stop restore ${id}?`}
          confirmLabel={status === "awaiting_approval" ? "Withdraw" : "Stop the restore"}
          onClose={() => setAsking(null)}
          onConfirm={() => {
            setAsking(null);
            act(
              () => actions.stop(input),
              status === "awaiting_approval"
                ? "The request is withdrawn; the restore is a plan again."
                : `Restore ${id} stops.`,
            );
          }}
        >
          {status === "awaiting_approval"
            ? "The restore is a plan again. Nothing was written."
            : "The policy that is being written now is finished first; the others stay as they are. What was written stays written: Undo plans the way back, and Resume goes on."}
        </ConfirmDialog>
      ) : null}
    </>
  );
}
