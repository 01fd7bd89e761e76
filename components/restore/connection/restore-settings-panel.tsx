"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { Button, Group, NumberInput, Stack, Switch, Textarea } from "@mantine/core";
import { useState } from "react";
import { Controller, type FieldErrors, useForm } from "react-hook-form";
import { z } from "zod";
import type { ActionOf } from "#components/feedback/action-result.ts";
import { ProblemAlert } from "#components/feedback/problem-alert";
import { toast } from "#components/feedback/toast.ts";
import { useAction } from "#components/feedback/use-action.ts";
import { EditConflict } from "#components/form/edit-conflict";
import { sentence, showServerErrors } from "#components/form/server-errors.ts";
import { UnsavedChanges } from "#components/form/unsaved-changes";
import { useHydrated } from "#components/form/use-hydrated.ts";
import { Facts } from "#components/ui/facts";
import { Panel } from "#components/ui/panel";
import { changedSince, onTopOf } from "#lib/as-read";
import type { Problem } from "#lib/errors";
import { type RestoreSettings, restoreSettingsInput } from "#lib/restore/schema";
import type { saveRestoreSettings } from "#lib/restore/settings";

/** As it is typed: lists of ids are lines. */
const formSchema = z.strictObject({
  two_people: restoreSettingsInput.shape.two_people,
  break_glass_users: z.string().transform(lines).pipe(restoreSettingsInput.shape.break_glass_users),
  break_glass_groups: z.string().transform(lines).pipe(restoreSettingsInput.shape.break_glass_groups),
  mass_change_limit: restoreSettingsInput.shape.mass_change_limit,
});
type Values = z.input<typeof formSchema>;

const fieldNames = Object.keys(formSchema.shape);

/** What people call the fields. */
const labels: Record<keyof RestoreSettings, string> = {
  two_people: "Two people for every restore",
  break_glass_users: "Break-glass accounts",
  break_glass_groups: "Break-glass groups",
  mass_change_limit: "Ask for the number above",
};

/** What restores of the tenant hold to: two people, break-glass accounts, and when a number has to be typed. */
export function RestoreSettingsPanel({
  settings,
  save,
}: {
  settings: RestoreSettings;
  /** Null for roles that may only look. */
  save: ActionOf<typeof saveRestoreSettings> | null;
}) {
  return (
    <Panel title="Rules for restores">
      {save ? (
        <SettingsForm settings={settings} save={save} />
      ) : (
        <Facts
          of={[
            ["Two people", settings.two_people ? "Another owner approves" : "Not required"],
            ["Break-glass accounts", settings.break_glass_users.length || "None"],
            ["Break-glass groups", settings.break_glass_groups.length || "None"],
            ["Number is typed above", settings.mass_change_limit],
          ]}
        />
      )}
    </Panel>
  );
}

function SettingsForm({
  settings,
  save,
}: {
  settings: RestoreSettings;
  save: ActionOf<typeof saveRestoreSettings>;
}) {
  const readOnly = !useHydrated();
  const { pending, run } = useAction();
  const [problem, setProblem] = useState<Problem | null>(null);
  const { control, register, handleSubmit, setError, reset, formState } = useForm<
    Values,
    unknown,
    z.output<typeof formSchema>
  >({ resolver: zodResolver(formSchema), mode: "onTouched", defaultValues: typed(settings) });
  // What is being edited: it does not follow what others save meanwhile.
  const [read, setRead] = useState(settings);
  const [isOutdated, setOutdated] = useState(false);
  /** @param base what the changes are made to */
  const send = (base: RestoreSettings) =>
    handleSubmit((values) => {
      setProblem(null);
      setOutdated(false);
      run(() => save({ ...onTopOf(read, values, base), as_read: base }), {
        success: (saved) => {
          reset(typed(saved));
          setRead(saved);
          toast.success("The rules for restores are saved.");
        },
        problem: (found) => {
          if (found.code === "EDIT_CONFLICT") {
            setOutdated(true);
            return true;
          }
          const homeless = showServerErrors(found, fieldNames, setError);
          if (found.code !== "VALIDATION_FAILED" || homeless.length > 0) setProblem(found);
          return true;
        },
      });
    });
  return (
    <form onSubmit={send(read)} noValidate aria-label="Rules for restores">
      <UnsavedChanges dirty={formState.isDirty} />
      <Stack gap="md">
        {/* The new version comes with the refresh that ends with the action. */}
        {isOutdated && !pending ? (
          <EditConflict
            title="These rules changed while you were editing"
            changed={changedSince(read, settings).map((field) => labels[field])}
            onShowTheirs={() => {
              reset(typed(settings));
              setRead(settings);
              setOutdated(false);
            }}
            onKeepMine={() => void send(settings)()}
          />
        ) : null}
        {problem ? (
          <ProblemAlert title={problem.title} reveal>
            {problem.detail}
          </ProblemAlert>
        ) : null}
        <Switch
          label={labels.two_people}
          description="Whoever asks for a restore cannot approve it: another owner does"
          disabled={readOnly}
          {...register("two_people")}
        />
        <Textarea
          label={labels.break_glass_users}
          description="Object ids of the emergency accounts, one a line. No restored conditional access policy is written that could lock them out."
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          error={idsFault(formState.errors, "break_glass_users")}
          readOnly={readOnly}
          {...register("break_glass_users")}
        />
        <Textarea
          label={labels.break_glass_groups}
          description="The same for groups of such accounts"
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          error={idsFault(formState.errors, "break_glass_groups")}
          readOnly={readOnly}
          {...register("break_glass_groups")}
        />
        <Controller
          control={control}
          name="mass_change_limit"
          render={({ field }) => (
            <NumberInput
              label={labels.mass_change_limit}
              description="Who writes more policies at once than this types their number first"
              value={field.value}
              onChange={(value) => field.onChange(typeof value === "number" ? value : Number.NaN)}
              onBlur={field.onBlur}
              min={1}
              max={1000}
              allowDecimal={false}
              error={sentence(formState.errors.mass_change_limit?.message)}
              readOnly={readOnly}
              maw="16rem"
            />
          )}
        />
        <Group>
          <Button type="submit" loading={pending} disabled={!formState.isDirty}>
            Save rules
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function lines(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}

function typed(settings: RestoreSettings): Values {
  return {
    ...settings,
    break_glass_users: settings.break_glass_users.join("\n"),
    break_glass_groups: settings.break_glass_groups.join("\n"),
  };
}

/** The fault of a list of ids: its own, or that of one of its lines. */
function idsFault(errors: FieldErrors<Values>, field: "break_glass_users" | "break_glass_groups") {
  const found: unknown = errors[field];
  if (found === undefined) return undefined;
  const own = errors[field]?.message;
  return sentence(own ?? "each line must be a GUID such as 11111111-2222-3333-4444-555555555555");
}
