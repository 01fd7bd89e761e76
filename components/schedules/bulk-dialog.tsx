"use client";

import { Button, Group, Modal, Stack } from "@mantine/core";
import Link from "next/link";
import { useState } from "react";
import type { BulkResult } from "#lib/runs/bulk";
import type { ActionResult } from "../feedback/action-result.ts";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import type { ScheduleActions } from "./actions.ts";
import classes from "./bulk-dialog.module.css";
import { type BulkAct, type BulkPlan, type BulkTarget, planBulk } from "./bulk-plan.ts";

const namesShown = 8;

/**
 * Says what a bulk act will do, does it, and shows what became of each schedule where not all went the same
 * way. Mount it to open it.
 */
export function BulkDialog({
  act,
  targets,
  tenantId,
  actions,
  onClose,
  onDone,
}: {
  act: BulkAct;
  targets: readonly BulkTarget[];
  tenantId: number;
  actions: ScheduleActions;
  onClose: () => void;
  /** Something was done; the selection has served its purpose. */
  onDone: () => void;
}) {
  // The plan that was confirmed stays on screen, whatever a live update changes meanwhile.
  const [plan] = useState<BulkPlan>(() => planBulk(act, targets));
  const [result, setResult] = useState<BulkResult | null>(null);
  const { pending, run } = useAction();
  const ids = plan.affected.map((target) => target.id);

  const perform = () => {
    switch (act) {
      case "start":
      case "retry":
        return run(() => (act === "start" ? actions.start(ids) : actions.retry(ids)), {
          success: (outcome) => {
            onDone();
            const plain = outcome.already_running === 0 && outcome.refused === 0;
            if (!plain) return setResult(outcome);
            toast.success(outcome.started === 1 ? "1 run started." : `${outcome.started} runs started.`);
            onClose();
          },
        });
      case "enable":
      case "disable":
        return finish(
          () => actions.setEnabled({ schedule_ids: ids, is_enabled: act === "enable" }),
          ({ changed }) => counted(changed.length, act === "enable" ? "enabled" : "disabled"),
        );
      case "delete":
        return finish(
          () => actions.remove(ids),
          ({ deleted }) => counted(deleted.length, "deleted"),
        );
    }
  };
  const finish = <T,>(call: () => Promise<ActionResult<T>>, words: (data: T) => string) =>
    run(call, {
      success: (data) => {
        onDone();
        toast.success(words(data));
        onClose();
      },
    });

  return (
    <Modal
      opened
      onClose={onClose}
      title={result ? "What became of them" : plan.title}
      centered
      size="lg"
      styles={{ title: { fontWeight: 600 } }}
    >
      {result ? (
        <Outcome result={result} tenantId={tenantId} onClose={onClose} />
      ) : (
        <Stack gap="md">
          <p className={classes.text}>{plan.sentence}</p>
          <Names targets={plan.affected} />
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
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose} data-autofocus={act === "delete" || undefined}>
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

function Outcome({
  result,
  tenantId,
  onClose,
}: {
  result: BulkResult;
  tenantId: number;
  onClose: () => void;
}) {
  const words = { started: "Started", already_running: "Was running already", refused: "Refused" } as const;
  return (
    <Stack gap="md">
      <p className={classes.text} role="status">
        {result.started} started, {result.already_running} already running, {result.refused} refused.
      </p>
      <ul className={classes.results}>
        {result.results.map((entry) => (
          <li key={entry.schedule_id}>
            <span>
              {entry.name ?? `Schedule ${entry.schedule_id}`}
              {entry.outcome === "refused" && entry.reason ? (
                <span className="tp-dim">: {entry.reason}</span>
              ) : null}
            </span>
            {entry.run_id ? (
              <Link className="tp-link" href={`/tenants/${tenantId}/runs/${entry.run_id}`}>
                {words[entry.outcome]}
              </Link>
            ) : (
              <span>{words[entry.outcome]}</span>
            )}
          </li>
        ))}
      </ul>
      <Group justify="flex-end">
        <Button onClick={onClose} data-autofocus>
          Done
        </Button>
      </Group>
    </Stack>
  );
}

function counted(count: number, done: string): string {
  return `${count} ${count === 1 ? "schedule" : "schedules"} ${done}.`;
}
