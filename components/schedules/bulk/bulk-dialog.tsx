"use client";

import { Button, Group, Modal, Progress, Stack } from "@mantine/core";
import { useState } from "react";
import type { ActionResult } from "#components/feedback/action-result.ts";
import { modalWhile } from "#components/feedback/dialogs/modal-while.ts";
import { useReturnFocus } from "#components/feedback/dialogs/use-return-focus.ts";
import { toast } from "#components/feedback/toast.ts";
import { useAction } from "#components/feedback/use-action.ts";
import type { BulkResult } from "#lib/runs/bulk";
import type { RecentRun } from "#lib/schedules/table";
import type { ScheduleActions } from "../actions.ts";
import classes from "./bulk-dialog.module.css";
import { BulkOutcome } from "./bulk-outcome.tsx";
import { type BulkAct, type BulkPlan, type BulkTarget, planBulk } from "./bulk-plan.ts";
import { deleteReport, enableReport, type Report, runReport } from "./bulk-report.ts";

const namesShown = 8;

/**
 * Says what a bulk act will do, does it, and shows what became of each schedule. One schedule that went as planned
 * needs no more than a toast. Mount it to open it.
 */
export function BulkDialog({
  act,
  targets,
  tenantId,
  actions,
  newestRuns,
  onClose,
  onDone,
}: {
  act: BulkAct;
  targets: readonly BulkTarget[];
  tenantId: number;
  actions: ScheduleActions;
  /** The newest run of each schedule that the page shows, kept current by live updates. */
  newestRuns?: ReadonlyMap<number, RecentRun>;
  onClose: () => void;
  /** Something was done; the selection has served its purpose. */
  onDone: () => void;
}) {
  useReturnFocus();
  // Until it is confirmed the plan follows what is so; then it stays on screen, whatever changes meanwhile.
  const [confirmed, setConfirmed] = useState<BulkPlan | null>(null);
  const plan = confirmed ?? planBulk(act, targets);
  const [report, setReport] = useState<Report | null>(null);
  const { pending, run } = useAction();
  const ids = plan.affected.map((target) => target.id);
  // Who acts on one schedule alone sees what comes of it; a notification is for many.
  const alone = targets.length === 1 ? targets[0] : undefined;

  const finish = <T,>(call: () => Promise<ActionResult<T>>, reportOf: (data: T) => Report) =>
    run(call, {
      success: (data) => {
        const made = reportOf(data);
        onDone();
        if (!alone || !made.asPlanned) return setReport(made);
        toast.success(made.sentence);
        onClose();
      },
      problem: ({ code }) => {
        setConfirmed(null);
        // Somebody deleted it meanwhile: there is nothing left to ask about.
        if (code === "NOT_FOUND") {
          onDone();
          onClose();
        }
        return false;
      },
    });
  const setEnabled = (is_enabled: boolean) =>
    finish(
      () =>
        alone
          ? actions.setOneEnabled({ schedule_id: alone.id, is_enabled })
          : actions.setEnabled({ schedule_ids: ids, is_enabled }),
      (data) => enableReport(plan, is_enabled, data),
    );
  const perform = () => {
    setConfirmed(plan);
    switch (act) {
      case "start":
        return finish(
          () => actions.start({ schedule_ids: ids }),
          (data: BulkResult) => runReport(plan, data),
        );
      case "retry":
        return finish(
          () => actions.retry({ schedule_ids: ids }),
          (data: BulkResult) => runReport(plan, data),
        );
      case "enable":
      case "disable":
        return setEnabled(act === "enable");
      case "delete":
        if (alone) {
          return finish(
            () => actions.removeOne({ schedule_id: alone.id }),
            () => deleteReport(plan, { deleted: ids }),
          );
        }
        return finish(
          () => actions.remove({ schedule_ids: ids }),
          (data) => deleteReport(plan, data),
        );
    }
  };
  const undo = (schedule_ids: number[], is_enabled: boolean) =>
    run(() => actions.setEnabled({ schedule_ids, is_enabled, undo: true }), {
      success: ({ changed }) => {
        toast.success(
          `${changed.length === 1 ? "1 schedule is" : `${changed.length} schedules are`} ${is_enabled ? "enabled" : "disabled"} again.`,
        );
        onClose();
      },
    });

  return (
    <Modal
      {...modalWhile(pending, onClose)}
      title={report ? "What became of them" : plan.title}
      centered
      size="lg"
    >
      {report ? (
        <BulkOutcome
          report={report}
          tenantId={tenantId}
          newestRuns={newestRuns ?? new Map()}
          undoing={pending}
          onUndo={undo}
          onClose={onClose}
        />
      ) : (
        <Stack gap="md">
          <p className={classes.text}>{plan.sentence}</p>
          {/* The title names a single one. */}
          {alone ? null : <Names targets={plan.affected} />}
          {plan.left.length > 0 ? (
            <div className={classes.left}>
              <p className={classes.text}>Left as they are:</p>
              <ul className={classes.names}>
                {plan.left.slice(0, namesShown).map(({ target, reason }) => (
                  <li key={target.id}>
                    {target.name}: {reason}
                  </li>
                ))}
                {plan.left.length > namesShown ? <li>and {plan.left.length - namesShown} more</li> : null}
              </ul>
            </div>
          ) : null}
          <div role="status" className={classes.progress}>
            {pending ? (
              <>
                <span>{plan.progress}</span>
                <Progress value={100} animated size="xs" aria-hidden />
              </>
            ) : null}
          </div>
          <Group justify="flex-end" gap="xs">
            <Button
              variant="default"
              disabled={pending}
              onClick={onClose}
              data-autofocus={act === "delete" || undefined}
            >
              {ids.length === 0 ? "Close" : "Keep as it is"}
            </Button>
            {ids.length > 0 ? (
              <Button
                color={act === "delete" ? "red.8" : undefined}
                loading={pending}
                onClick={perform}
                data-autofocus={act === "delete" ? undefined : true}
              >
                {plan.confirmLabel}
              </Button>
            ) : null}
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

function Names({ targets }: { targets: readonly BulkTarget[] }) {
  if (targets.length === 0) return null;
  return (
    <ul className={classes.names}>
      {targets.slice(0, namesShown).map((target) => (
        <li key={target.id}>{target.name}</li>
      ))}
      {targets.length > namesShown ? <li>and {targets.length - namesShown} more</li> : null}
    </ul>
  );
}
