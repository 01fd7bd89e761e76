"use client";

import { Button, Group } from "@mantine/core";
import { useState } from "react";
import type { RuleView, TargetView } from "#lib/alerts/schema";
import type { ScheduleChoice } from "#lib/runs/schedule-choices";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import type { Action } from "../feedback/action-result.ts";
import { useAction } from "../feedback/use-action.ts";
import { type FindSchedules, scheduleLabel } from "../runs/use-found-schedules.ts";
import { useHourClock } from "../time/clock.tsx";
import { Panel } from "../ui/panel.tsx";
import { RuleDialog, type RuleDraft } from "./rule-dialog.tsx";
import { ruleInWords } from "./rule-words.ts";

/** A tenant's, or the platform's. */
interface RuleActions {
  createRule: Action<RuleDraft, unknown>;
  updateRule: Action<RuleDraft & { rule_id: number; as_read: RuleView }, unknown>;
  removeRule: Action<{ rule_id: number }, void>;
}

const noSchedules: readonly ScheduleChoice[] = [];

/** Which events go where. */
export function RulesPanel({
  rules,
  targets,
  schedules = noSchedules,
  findSchedules = null,
  actions,
}: {
  rules: readonly RuleView[];
  targets: readonly TargetView[];
  /** What the backup schedules are called that rules name. */
  schedules?: readonly ScheduleChoice[];
  /** Finds others; rules of all tenants name none. */
  findSchedules?: FindSchedules | null;
  actions: RuleActions;
}) {
  const { pending, run } = useAction();
  const [open, setOpen] = useState<{ rule: RuleView | null } | null>(null);
  const targetName = (id: number) => targets.find((target) => target.id === id)?.name ?? "";
  const clock = useHourClock();
  const scheduleName = (id: number) => {
    const schedule = schedules.find((each) => each.id === id);
    return schedule && scheduleLabel(schedule);
  };
  const columns: DataColumn<RuleView>[] = [
    { key: "rule", label: "Rule", phone: "main", cell: (rule) => ruleInWords(rule, scheduleName, clock) },
    { key: "target", label: "Goes to", tight: true, cell: (rule) => targetName(rule.target_id) },
    {
      key: "actions",
      label: "Actions",
      tight: true,
      cell: (rule) => (
        <Group gap="xs" wrap="nowrap" justify="flex-end">
          <Button
            size="compact-sm"
            variant="default"
            disabled={pending}
            aria-label={`Change the rule for ${targetName(rule.target_id)}`}
            onClick={() => setOpen({ rule })}
          >
            Change
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            disabled={pending}
            aria-label={`Remove the rule for ${targetName(rule.target_id)}`}
            onClick={() => run(() => actions.removeRule({ rule_id: rule.id }))}
          >
            Remove
          </Button>
        </Group>
      ),
    },
  ];
  const { createRule, updateRule } = actions;
  const save = (draft: RuleDraft) =>
    open?.rule ? updateRule({ ...draft, rule_id: open.rule.id, as_read: open.rule }) : createRule(draft);
  return (
    <Panel title="Rules">
      {rules.length > 0 ? (
        <DataTable label="Rules" columns={columns} rows={rules} rowKey={(rule) => rule.id} bare />
      ) : null}
      {targets.length > 0 ? (
        <Group mt="md">
          <Button variant="default" onClick={() => setOpen({ rule: null })}>
            New rule
          </Button>
        </Group>
      ) : null}
      {open ? (
        <RuleDialog
          rule={open.rule}
          targets={targets}
          schedules={schedules}
          findSchedules={findSchedules}
          save={save}
          onClose={() => setOpen(null)}
        />
      ) : null}
    </Panel>
  );
}
