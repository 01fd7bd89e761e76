"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { Button, Group, NumberInput, Radio, Stack, Switch, TextInput } from "@mantine/core";
import dynamic from "next/dynamic";
import { useEffect, useRef, useState } from "react";
import { type Control, Controller, useForm, useWatch } from "react-hook-form";
import type { Action, ActionOf, ActionResult } from "#components/feedback/action-result.ts";
import { ProblemAlert } from "#components/feedback/problem-alert";
import { toast } from "#components/feedback/toast.ts";
import { useAction } from "#components/feedback/use-action.ts";
import { EditConflict } from "#components/form/edit-conflict";
import { sentence, showServerErrors } from "#components/form/server-errors.ts";
import { UnsavedChanges } from "#components/form/unsaved-changes";
import { useHydrated } from "#components/form/use-hydrated.ts";
import { useNavigate } from "#components/navigation/navigation";
import { TimeField } from "#components/time/time-field";
import { ZoneSelect } from "#components/time/zone-select";
import { Panel } from "#components/ui/panel";
import type { Problem } from "#lib/errors";
import { pauseAfterFailures, previewedRuns, startWindowMinutes } from "#lib/limits";
import { findType, foundationKeys } from "#lib/policies/catalog";
import { periodFields, type RetentionField, retentionMax, retentionRules } from "#lib/retention/rules";
import type { createSchedule } from "#lib/schedules/create";
import {
  type Schedule,
  type ScheduleCreate,
  type ScheduleCreateInput,
  scheduleCreateSchema,
} from "#lib/schedules/schema";
import type { updateSchedule } from "#lib/schedules/update";
import {
  type RetentionEffect,
  type RetentionRulesInput,
  rulesOf,
  sameRules,
} from "../retention/retention-effect.ts";
import { RetentionImpact } from "../retention/retention-impact.tsx";
import { changedFields, changedValues, formWords, type ScheduleFormValues } from "./form-fields.ts";
import { OccurrencePreview } from "./occurrence-preview.tsx";
import { type PermissionState, PolicyTypePicker } from "./policy-type-picker.tsx";
import { FrequencyChoice, WeekdayChips } from "./recurrence-fields.tsx";
import classes from "./schedule-form.module.css";

const RemovalDialog = dynamic(
  () => import("../retention/removal-dialog.tsx").then((module) => module.RemovalDialog),
  {
    ssr: false,
  },
);

type NumericField = Extract<
  keyof ScheduleFormValues,
  "start_window_minutes" | "pause_after_failures" | RetentionField
>;

const fieldNames = Object.keys(scheduleCreateSchema.shape);

type Target =
  | { kind: "new"; create: ActionOf<typeof createSchedule> }
  | {
      kind: "edit";
      schedule: Schedule;
      update: ActionOf<typeof updateSchedule>;
      /** What saving other rules would do to the schedule's backup sets. */
      previewRetention: Action<RetentionRulesInput, RetentionEffect>;
    };

/** Creates or edits a backup schedule. The server has the last word; its errors appear at their fields. */
export function ScheduleForm({
  tenantId,
  target,
  defaults,
  permissions,
}: {
  tenantId: number;
  target: Target;
  defaults: ScheduleFormValues;
  permissions: PermissionState;
}) {
  const navigate = useNavigate();
  const readOnly = !useHydrated();
  const isNew = target.kind === "new";
  const { pending, run } = useAction();
  const [problem, setProblem] = useState<{ problem: Problem; homeless: string[] } | null>(null);
  const [saved, setSaved] = useState(false);
  // The new policy types were looked at: saving tells the server so by naming the ones that stay.
  const [leftOut, setLeftOut] = useState(false);
  const [removal, setRemoval] = useState<{ effect: RetentionEffect; save: () => void } | null>(null);
  const current = target.kind === "edit" ? target.schedule.version : 0;
  // The version that is being edited: it does not follow what live updates bring.
  const [version, setVersion] = useState(current);
  // Whoever changes to weekly has a day at once: the most usual one, until they choose.
  const weeklyDays = useRef(defaults.days_of_week ?? [1]);
  const { control, register, handleSubmit, setError, setFocus, setValue, formState, reset } = useForm<
    ScheduleCreateInput,
    unknown,
    ScheduleCreate
  >({
    resolver: zodResolver(scheduleCreateSchema),
    defaultValues: defaults,
    mode: "onTouched",
    // Leaving a field by pressing a button must not move the button away under the pointer.
    delayError: 300,
  });
  const errorOf = (field: keyof ScheduleFormValues) => {
    const error = formState.errors[field];
    const message =
      error && (error.message ?? (Array.isArray(error) ? error.find(Boolean)?.message : undefined));
    return formWords(field, sentence(typeof message === "string" ? message : undefined));
  };
  const [frequency, time_of_day, days_of_week, timezone, start_window_minutes] = useWatch({
    control,
    name: ["frequency", "time_of_day", "days_of_week", "timezone", "start_window_minutes"],
  });
  const changedByOther = version !== current && !saved && !pending;
  const list = `/tenants/${tenantId}/backup-schedules`;

  // What other rules would remove is asked for once more, and confirmed, before it is removed.
  const save = (editing: number) =>
    handleSubmit(async (values) => {
      setProblem(null);
      const rules = rulesOf(values);
      if (target.kind === "new" || !rules || sameRules(rules, target.schedule)) return send(values, editing);
      const answer = await target.previewRetention(rules).catch(() => null);
      // Whatever keeps the preview from being made also keeps from saving, and says so better.
      if (!answer?.ok || answer.data.removed === 0) return send(values, editing);
      setRemoval({ effect: answer.data, save: () => send(values, editing) });
    });

  const send = (values: ScheduleCreate, editing: number) => {
    const changes = {
      ...changedValues(formState.defaultValues as Partial<ScheduleFormValues>, values),
      ...(leftOut ? { policy_types: values.policy_types } : {}),
    };
    if (target.kind === "edit" && Object.keys(changes).length === 0) {
      setSaved(true);
      navigate(`${list}/${target.schedule.id}`);
      return;
    }
    const call = (): Promise<ActionResult<Schedule>> =>
      target.kind === "new"
        ? target.create(values)
        : target.update({ schedule_id: target.schedule.id, changes: { ...changes, version: editing } });
    run(call, {
      success: (schedule) => {
        setSaved(true);
        toast.success(
          target.kind === "new" ? `“${schedule.name}” is created.` : `“${schedule.name}” is saved.`,
        );
        navigate(`${list}/${schedule.id}`);
      },
      problem: (found) => {
        const homeless = showServerErrors(found, fieldNames, setError, "changes");
        if (found.code !== "VALIDATION_FAILED" || homeless.length > 0)
          setProblem({ problem: found, homeless });
        return true;
      },
    });
  };

  useEffect(() => {
    if (isNew && !readOnly) setFocus("name");
  }, [isNew, readOnly, setFocus]);

  const chooseFrequency = (next: "daily" | "weekly") => {
    if (frequency === "weekly") weeklyDays.current = days_of_week ?? [];
    setValue("frequency", next, { shouldDirty: true });
    setValue("days_of_week", next === "weekly" ? weeklyDays.current : null, {
      shouldDirty: true,
      shouldValidate: formState.isSubmitted,
    });
  };

  return (
    <form onSubmit={save(version)} noValidate aria-label="Backup schedule">
      <UnsavedChanges dirty={(formState.isDirty || leftOut) && !saved} />
      <div className={classes.layout}>
        <Stack gap="md" className={classes.fields ?? ""}>
          {changedByOther ? (
            <EditConflict
              title="This schedule changed while you were editing"
              changed={changedFields(formState.defaultValues as Partial<ScheduleFormValues>, defaults)}
              onShowTheirs={() => {
                reset(defaults);
                setVersion(current);
                setProblem(null);
              }}
              onKeepMine={() => {
                setVersion(current);
                void save(current)();
              }}
            />
          ) : problem ? (
            <ProblemAlert title={problem.problem.title} reveal>
              {problem.homeless.length > 0 ? problem.homeless.join("; ") : problem.problem.detail}
            </ProblemAlert>
          ) : null}

          <Panel title="Schedule">
            <Stack gap="md">
              <TextInput
                label="Name"
                placeholder="Nightly, all policies"
                maxLength={200}
                withAsterisk
                error={errorOf("name")}
                readOnly={readOnly}
                {...register("name")}
              />
              <Controller
                control={control}
                name="is_enabled"
                render={({ field }) => (
                  <Switch
                    label="Enabled"
                    description="A disabled schedule does not run by itself. Run now still works."
                    checked={field.value ?? true}
                    onChange={(event) => field.onChange(event.currentTarget.checked)}
                    onBlur={field.onBlur}
                  />
                )}
              />
            </Stack>
          </Panel>

          <Panel title="When">
            <Stack gap="md">
              <FrequencyChoice value={frequency} onChange={chooseFrequency} />
              {frequency === "weekly" ? (
                <Controller
                  control={control}
                  name="days_of_week"
                  render={({ field }) => (
                    <WeekdayChips
                      value={field.value ?? []}
                      onChange={field.onChange}
                      error={errorOf("days_of_week")}
                    />
                  )}
                />
              ) : null}
              <div className={classes.pair}>
                <Controller
                  control={control}
                  name="time_of_day"
                  render={({ field }) => (
                    <TimeField
                      label="Time"
                      description="On the clock of the time zone, 00:00 to 23:59"
                      withAsterisk
                      error={errorOf("time_of_day")}
                      readOnly={readOnly}
                      inputRef={field.ref}
                      value={field.value}
                      onChange={field.onChange}
                      onBlur={field.onBlur}
                    />
                  )}
                />
                <Controller
                  control={control}
                  name="timezone"
                  render={({ field }) => (
                    <ZoneSelect
                      inputRef={field.ref}
                      value={field.value}
                      onChange={field.onChange}
                      onBlur={field.onBlur}
                      error={errorOf("timezone")}
                    />
                  )}
                />
              </div>
              <Numeric
                control={control}
                name="start_window_minutes"
                label="Start window"
                description="Minutes after the time within which it starts: spreads many schedules that are due at once. 0 starts on time."
                suffix=" min"
                max={startWindowMinutes}
                error={errorOf("start_window_minutes")}
              />
            </Stack>
          </Panel>

          <Panel title="What">
            <Stack gap="lg">
              <Controller
                control={control}
                name="policy_types"
                render={({ field }) => (
                  <PolicyTypePicker
                    inputRef={field.ref}
                    value={field.value}
                    onChange={field.onChange}
                    error={errorOf("policy_types")}
                    permissions={permissions}
                    connectionHref={`/tenants/${tenantId}/connection`}
                    news={
                      target.kind === "edit" && !leftOut
                        ? { since: target.schedule.catalog_revision, onLeaveOut: () => setLeftOut(true) }
                        : undefined
                    }
                  />
                )}
              />
              <Controller
                control={control}
                name="include_foundations"
                render={({ field }) => (
                  <Switch
                    label="Include foundations"
                    description={`What policies refer to: ${foundationKeys.map((key) => findType(key)?.label ?? key).join(", ")}.`}
                    checked={field.value ?? true}
                    onChange={(event) => field.onChange(event.currentTarget.checked)}
                    onBlur={field.onBlur}
                  />
                )}
              />
              <Controller
                control={control}
                name="may_be_empty"
                render={({ field }) => (
                  <Switch
                    label="May be empty"
                    description="The tenant may have no policy of these types. Otherwise a run that finds none says so."
                    checked={field.value ?? false}
                    onChange={(event) => field.onChange(event.currentTarget.checked)}
                    onBlur={field.onBlur}
                  />
                )}
              />
            </Stack>
          </Panel>

          <Panel title="Keep and recover">
            <Stack gap="md">
              <div className={classes.pair}>
                <Numeric
                  control={control}
                  name="retention_keep_last"
                  label={retentionRules.retention_keep_last.label}
                  description="Backup sets to keep; older ones go to the bin."
                  suffix=" sets"
                  min={retentionRules.retention_keep_last.min}
                  max={retentionMax}
                  error={errorOf("retention_keep_last")}
                />
                <Numeric
                  control={control}
                  name="pause_after_failures"
                  label="Pause after failures"
                  description="Failed runs in a row; 0 never pauses."
                  max={pauseAfterFailures.most}
                  error={errorOf("pause_after_failures")}
                />
              </div>
              <fieldset className={classes.periods}>
                <legend>Also keep the newest set of each of the last</legend>
                <div className={classes.quartet}>
                  {periodFields.map((name) => (
                    <Numeric
                      key={name}
                      control={control}
                      name={name}
                      label={retentionRules[name].shortLabel}
                      max={retentionMax}
                      error={errorOf(name)}
                    />
                  ))}
                </div>
                <p className={classes.hint}>Beyond the last sets above; 0 keeps none for it.</p>
              </fieldset>
              {target.kind === "edit" ? (
                <RetentionImpact
                  control={control}
                  schedule={target.schedule}
                  preview={target.previewRetention}
                />
              ) : null}
              <Controller
                control={control}
                name="missed_run_policy"
                render={({ field }) => (
                  <Radio.Group
                    label="When a run was missed"
                    description="Because the service was not running when it was due."
                    value={field.value ?? null}
                    onChange={field.onChange}
                    error={errorOf("missed_run_policy")}
                  >
                    <Stack gap={6} mt={8}>
                      <Radio value="run_latest" label="Run once, as soon as possible" />
                      <Radio value="skip" label="Skip it and wait for the next occurrence" />
                    </Stack>
                  </Radio.Group>
                )}
              />
            </Stack>
          </Panel>

          <Group gap="xs" className={classes.submit ?? ""}>
            <Button type="submit" loading={pending || saved}>
              {target.kind === "new" ? "Create schedule" : "Save changes"}
            </Button>
            <Button
              variant="default"
              component="a"
              href={target.kind === "new" ? list : `${list}/${target.schedule.id}`}
              onClick={(event) => {
                if (formState.isDirty) return;
                event.preventDefault();
                navigate(target.kind === "new" ? list : `${list}/${target.schedule.id}`);
              }}
            >
              Cancel
            </Button>
          </Group>
        </Stack>

        <aside className={classes.aside} aria-label="Preview">
          <Panel title={`Next ${previewedRuns} runs`}>
            <OccurrencePreview
              saved={target.kind === "edit" ? target.schedule : null}
              timing={{
                frequency,
                time_of_day,
                days_of_week: days_of_week ?? null,
                timezone,
                start_window_minutes: Number(start_window_minutes) || 0,
              }}
            />
          </Panel>
        </aside>
      </div>
      {removal && target.kind === "edit" ? (
        <RemovalDialog
          effect={removal.effect}
          zone={target.schedule.timezone}
          onConfirm={() => {
            setRemoval(null);
            removal.save();
          }}
          onClose={() => setRemoval(null)}
        />
      ) : null}
    </form>
  );
}

function Numeric({
  control,
  name,
  error,
  min = 0,
  ...input
}: {
  control: Control<ScheduleCreateInput, unknown, ScheduleCreate>;
  name: NumericField;
  label: string;
  description?: string;
  suffix?: string;
  min?: number;
  max: number;
  error: string | undefined;
}) {
  return (
    <Controller
      control={control}
      name={name}
      render={({ field }) => (
        <NumberInput
          {...input}
          ref={field.ref}
          min={min}
          allowDecimal={false}
          clampBehavior="none"
          value={field.value ?? ""}
          onChange={(value) => field.onChange(value === "" ? Number.NaN : Number(value))}
          onBlur={field.onBlur}
          error={error}
          styles={{ wrapper: { maxWidth: "11rem" } }}
        />
      )}
    />
  );
}
