"use client";

import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { alertLabel, type Severity, severities } from "#lib/alerts/kinds";
import type { RuleView, TargetView } from "#lib/alerts/schema";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import type { Action } from "../feedback/action-result.ts";
import { useAction } from "../feedback/use-action.ts";
import { errorsByField } from "../form/server-errors.ts";
import { useViewerZone } from "../time/clock.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./alerts.module.css";

/** What the form says of a new rule. */
export interface NewRule {
  target_id: number;
  least_severity: Severity;
  digest: "daily" | "weekly" | null;
  timezone: string;
  quiet_from: string | null;
  quiet_until: string | null;
}

/** A tenant's, or the platform's. */
interface RuleActions {
  createRule: Action<NewRule, unknown>;
  removeRule: Action<{ rule_id: number }, void>;
}

/** Which events go where. What a form here does not offer, the API does. */
export function RulesPanel({
  rules,
  targets,
  hasDigests = true,
  actions,
}: {
  rules: readonly RuleView[];
  targets: readonly TargetView[];
  /** Digests are of one tenant. */
  hasDigests?: boolean;
  actions: RuleActions;
}) {
  const { pending, run } = useAction();
  const zone = useViewerZone();
  const [errors, setErrors] = useState<Record<string, string>>({});
  const nameOf = (id: number) => targets.find((target) => target.id === id)?.name ?? "";
  const columns: DataColumn<RuleView>[] = [
    { key: "rule", label: "Rule", phone: "main", cell: wordsOf },
    { key: "target", label: "Goes to", tight: true, cell: (rule) => nameOf(rule.target_id) },
    {
      key: "actions",
      label: "Actions",
      tight: true,
      cell: (rule) => (
        <Button
          size="compact-sm"
          variant="default"
          disabled={pending}
          aria-label={`Remove the rule for ${nameOf(rule.target_id)}`}
          onClick={() => run(() => actions.removeRule({ rule_id: rule.id }))}
        >
          Remove
        </Button>
      ),
    },
  ];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const what = String(fields.get("what"));
    const time = (name: string) => String(fields.get(name) ?? "") || null;
    run(
      () =>
        actions.createRule({
          target_id: Number(fields.get("target")),
          least_severity: severities.find((known) => known === what) ?? "warning",
          digest: what === "daily" || what === "weekly" ? what : null,
          timezone: zone,
          quiet_from: time("from"),
          quiet_until: time("until"),
        }),
      {
        success: () => {
          form.reset();
          setErrors({});
        },
        problem: (problem) => {
          const own = errorsByField(problem);
          setErrors(own);
          return Object.keys(own).length > 0;
        },
      },
    );
  };
  return (
    <Panel title="Rules">
      {rules.length > 0 ? (
        <DataTable label="Rules" columns={columns} rows={rules} rowKey={(rule) => rule.id} bare />
      ) : null}
      {targets.length > 0 ? (
        <form onSubmit={submit} noValidate aria-label="New rule" className={classes.form}>
          <NativeSelect
            label="What"
            name="what"
            data={[
              { value: "warning", label: "Warnings and worse" },
              { value: "critical", label: "Only what is critical" },
              { value: "info", label: "Everything" },
              ...(hasDigests
                ? [
                    { value: "daily", label: "A digest, every morning" },
                    { value: "weekly", label: "A digest, on Mondays" },
                  ]
                : []),
            ]}
            error={errors.digest}
          />
          <NativeSelect
            label="Goes to"
            name="target"
            data={targets.map(({ id, name }) => ({ value: String(id), label: name }))}
          />
          <TextInput label="Quiet from" name="from" placeholder="22:00" error={errors.quiet_from} w="7rem" />
          <TextInput
            label="Quiet until"
            name="until"
            placeholder="07:00"
            error={errors.quiet_until}
            w="7rem"
          />
          <Button type="submit" variant="default" loading={pending}>
            Add rule
          </Button>
        </form>
      ) : null}
    </Panel>
  );
}

function wordsOf(rule: RuleView): string {
  const what =
    rule.digest !== null
      ? `A digest, ${rule.digest === "daily" ? "every morning" : "on Mondays"}`
      : { info: "Everything", warning: "Warnings and worse", critical: "Only what is critical" }[
          rule.least_severity
        ];
  return [
    what,
    ...(rule.kinds.length > 0 ? [`of ${rule.kinds.map(alertLabel).join(", ")}`] : []),
    ...(rule.schedule_ids.length > 0 ? [`of ${rule.schedule_ids.length} backup schedules`] : []),
    ...(rule.policy_types.length > 0 ? [`of ${rule.policy_types.join(", ")}`] : []),
    ...(rule.quiet_from
      ? [`quiet from ${rule.quiet_from} until ${rule.quiet_until} (${rule.timezone})`]
      : []),
    ...(rule.repeat_hours ? [`again every ${rule.repeat_hours} hours`] : []),
    ...(rule.is_enabled ? [] : ["disabled"]),
  ].join(", ");
}
