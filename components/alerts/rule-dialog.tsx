"use client";

import { Button, Group, Modal, MultiSelect, NativeSelect, Stack, Switch } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { type AlertKind, alertKinds, alertLabel, isAlertKind, type Severity } from "#lib/alerts/kinds";
import type { RuleView, TargetView } from "#lib/alerts/schema";
import { catalog } from "#lib/policies/catalog";
import type { ScheduleChoice } from "#lib/runs/schedule-choices";
import type { Action } from "../feedback/action-result.ts";
import { modalWhile } from "../feedback/dialogs/modal-while.ts";
import { useReturnFocus } from "../feedback/dialogs/use-return-focus.ts";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { useAction } from "../feedback/use-action.ts";
import { errorsByField } from "../form/server-errors.ts";
import { useNoteUnsaved } from "../navigation/use-note-unsaved.ts";
import type { FindSchedules } from "../runs/use-found-schedules.ts";
import { useViewerZone } from "../time/clock.tsx";
import { TimeField } from "../time/time-field.tsx";
import classes from "./alerts.module.css";
import { digestLabels, repeatHours, repeatLabel, severityLabels } from "./rule-words.ts";
import { SchedulesField } from "./schedules-field.tsx";

/** What the form says of a rule. */
export interface RuleDraft {
  target_id: number;
  is_enabled: boolean;
  kinds: AlertKind[];
  least_severity: Severity;
  schedule_ids: number[];
  policy_types: string[];
  tells_recovery: boolean;
  timezone: string;
  quiet_from: string | null;
  quiet_until: string | null;
  repeat_hours: number | null;
  digest: "daily" | "weekly" | null;
}

/** Adds a rule, or changes one. */
export function RuleDialog({
  rule,
  targets,
  schedules,
  findSchedules,
  save,
  onClose,
}: {
  /** The one to change; null adds one. */
  rule: RuleView | null;
  targets: readonly TargetView[];
  /** What those are called that rules name. */
  schedules: readonly ScheduleChoice[];
  /** Null for rules of all tenants: what is in a tenant, and digests, are of one. */
  findSchedules: FindSchedules | null;
  save: Action<RuleDraft, unknown>;
  onClose: () => void;
}) {
  useReturnFocus();
  const viewerZone = useViewerZone();
  const { pending, run } = useAction();
  const [draft, setDraft] = useState<RuleDraft>(() => draftOf(rule, targets, viewerZone));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<{ title: string; detail: string } | null>(null);
  const [changed, setChanged] = useState(false);
  useNoteUnsaved(changed);
  const change = (changes: Partial<RuleDraft>) => {
    setChanged(true);
    setDraft({ ...draft, ...changes });
  };
  const isDigest = draft.digest !== null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setErrors({});
    setProblem(null);
    run(() => save(isDigest ? { ...draft, ...nothingChosen } : draft), {
      success: onClose,
      problem: (found) => {
        const own = errorsByField(found);
        setErrors(own);
        if (found.code === "EDIT_CONFLICT") setProblem({ title: found.title, detail: changedMeanwhile });
        else if (!Object.keys(own).some((field) => field in draft)) setProblem(found);
        return true;
      },
    });
  };
  return (
    <Modal {...modalWhile(pending, onClose)} title={rule ? "Change the rule" : "New rule"} centered size="lg">
      <form onSubmit={submit} noValidate aria-label="Alert rule">
        <Stack gap="md">
          {problem ? (
            <ProblemAlert title={problem.title} reveal>
              {problem.detail}
            </ProblemAlert>
          ) : null}
          <div className={classes.pair}>
            <NativeSelect
              label="What"
              value={draft.digest ?? draft.least_severity}
              onChange={({ currentTarget: { value } }) =>
                change(
                  value === "daily" || value === "weekly"
                    ? { digest: value }
                    : { digest: null, least_severity: value as Severity },
                )
              }
              data={[...options(severityLabels), ...(findSchedules === null ? [] : options(digestLabels))]}
              error={errors.digest ?? errors.least_severity}
            />
            <NativeSelect
              label="Goes to"
              value={String(draft.target_id)}
              onChange={(event) => change({ target_id: Number(event.currentTarget.value) })}
              data={targets.map(({ id, name }) => ({ value: String(id), label: name }))}
              error={errors.target_id}
            />
          </div>
          {isDigest ? (
            <p className="tp-dim">
              A digest tells what ran, what changed and what is at risk, of the whole tenant.
            </p>
          ) : (
            <>
              <MultiSelect
                label="Events"
                description="None chosen: all of them"
                data={alertKinds.map((kind) => ({ value: kind, label: alertLabel(kind) }))}
                value={draft.kinds}
                onChange={(kinds) => change({ kinds: kinds.filter(isAlertKind) })}
                searchable
                clearable
                nothingFoundMessage="No event is called so"
                error={errors.kinds}
              />
              {findSchedules === null ? null : (
                <>
                  <SchedulesField
                    value={draft.schedule_ids}
                    named={schedules}
                    find={findSchedules}
                    onChange={(schedule_ids) => change({ schedule_ids })}
                    error={errors.schedule_ids}
                  />
                  <MultiSelect
                    label="Policy types"
                    description="None chosen: all of them"
                    data={catalog.map(({ key, label }) => ({ value: key, label }))}
                    value={draft.policy_types}
                    onChange={(policy_types) => change({ policy_types })}
                    searchable
                    clearable
                    nothingFoundMessage="No type is called so"
                    error={errors.policy_types}
                  />
                </>
              )}
              <div className={classes.pair}>
                <TimeField
                  label="Quiet from"
                  description={`On the clock of ${draft.timezone}`}
                  example="22:00"
                  value={draft.quiet_from ?? ""}
                  onChange={(time) => change({ quiet_from: time.trim() || null })}
                  error={errors.quiet_from}
                />
                <TimeField
                  label="Quiet until"
                  description="What comes meanwhile is told then"
                  example="07:00"
                  value={draft.quiet_until ?? ""}
                  onChange={(time) => change({ quiet_until: time.trim() || null })}
                  error={errors.quiet_until}
                />
              </div>
              <NativeSelect
                label="While it lasts"
                value={String(draft.repeat_hours ?? "")}
                onChange={({ currentTarget: { value } }) =>
                  change({ repeat_hours: value === "" ? null : Number(value) })
                }
                data={[
                  { value: "", label: "Told once" },
                  ...withOwn(draft.repeat_hours).map((hours) => ({
                    value: String(hours),
                    label: repeatLabel(hours),
                  })),
                ]}
                error={errors.repeat_hours}
              />
              <Switch
                label="Tell also when it is over"
                checked={draft.tells_recovery}
                onChange={(event) => change({ tells_recovery: event.currentTarget.checked })}
              />
            </>
          )}
          {rule ? (
            <Switch
              label="Enabled"
              checked={draft.is_enabled}
              onChange={(event) => change({ is_enabled: event.currentTarget.checked })}
            />
          ) : null}
          <Group justify="flex-end">
            <Button variant="default" disabled={pending} onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={pending}>
              {rule ? "Save rule" : "Add rule"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

const changedMeanwhile =
  "Your changes are not saved. Cancel, look at the rule as it is now, then change it again.";

/** What a digest does not ask. */
const nothingChosen = {
  kinds: [],
  schedule_ids: [],
  policy_types: [],
  quiet_from: null,
  quiet_until: null,
  repeat_hours: null,
} satisfies Partial<RuleDraft>;

function draftOf(rule: RuleView | null, targets: readonly TargetView[], timezone: string): RuleDraft {
  if (!rule)
    return {
      ...nothingChosen,
      target_id: targets[0]?.id ?? 0,
      is_enabled: true,
      least_severity: "warning",
      tells_recovery: true,
      timezone,
      digest: null,
    };
  const { id: _id, created_at: _created, ...draft } = rule;
  return draft;
}

function options<T extends string>(labels: Record<T, string>): { value: T; label: string }[] {
  return (Object.keys(labels) as T[]).map((value) => ({ value, label: labels[value] }));
}

/** The usual intervals, and one that a script has set. */
function withOwn(hours: number | null): number[] {
  return [...new Set([...repeatHours, ...(hours === null ? [] : [hours])])].sort((one, two) => one - two);
}
