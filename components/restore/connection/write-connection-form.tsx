"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { Button, Group, NativeSelect, PasswordInput, Radio, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { Controller, useForm, useWatch } from "react-hook-form";
import type { z } from "zod";
import { ProblemAlert } from "#components/feedback/problem-alert";
import { toast } from "#components/feedback/toast.ts";
import { useAction } from "#components/feedback/use-action.ts";
import { sentence, showServerErrors } from "#components/form/server-errors.ts";
import { UnsavedChanges } from "#components/form/unsaved-changes";
import { useHydrated } from "#components/form/use-hydrated.ts";
import type { Problem } from "#lib/errors";
import { writeConnectionInput } from "#lib/restore/schema";
import type { WriteConnectionActions } from "./write-connection-panel.tsx";

type Values = z.input<typeof writeConnectionInput>;

const fieldNames = Object.keys(writeConnectionInput.shape);

/** How long a connection for writing is kept; empty: for the next restore alone. */
const durations = [
  { value: "", label: "The next restore only" },
  { value: "1", label: "1 hour" },
  { value: "4", label: "4 hours" },
  { value: "8", label: "8 hours" },
  { value: "24", label: "1 day" },
  { value: "72", label: "3 days" },
  { value: "168", label: "1 week" },
];

/** Saves an app registration that may write. Its credential is never shown again. */
export function WriteConnectionForm({
  save,
  onSaved,
}: {
  save: WriteConnectionActions["save"];
  onSaved: () => void;
}) {
  const readOnly = !useHydrated();
  const { pending, run } = useAction();
  const [problem, setProblem] = useState<Problem | null>(null);
  const { control, register, handleSubmit, setError, reset, formState } = useForm<
    Values,
    unknown,
    z.output<typeof writeConnectionInput>
  >({
    resolver: zodResolver(writeConnectionInput),
    mode: "onTouched",
    defaultValues: { client_id: "", credential_kind: "secret", credential: "", keep_hours: 8 },
  });
  const errorOf = (field: keyof Values) => sentence(formState.errors[field]?.message);
  const kind = useWatch({ control, name: "credential_kind" });
  const submit = handleSubmit((values) => {
    setProblem(null);
    run(() => save(values), {
      success: () => {
        reset();
        onSaved();
        toast.success("The connection for writing is saved. Test next what it may write.");
      },
      problem: (found) => {
        const homeless = showServerErrors(found, fieldNames, setError);
        if (found.code !== "VALIDATION_FAILED" || homeless.length > 0) setProblem(found);
        return true;
      },
    });
  });
  return (
    <form onSubmit={submit} noValidate aria-label="Connection for writing">
      <UnsavedChanges dirty={formState.isDirty} />
      <Stack gap="md">
        {problem ? (
          <ProblemAlert title={problem.title} reveal>
            {problem.detail}
          </ProblemAlert>
        ) : null}
        <TextInput
          label="Application id"
          description="Application (client) ID of the app registration that may write: another than the one that reads"
          placeholder="11111111-2222-3333-4444-555555555555"
          autoComplete="off"
          spellCheck={false}
          withAsterisk
          error={errorOf("client_id")}
          readOnly={readOnly}
          {...register("client_id")}
        />
        <Controller
          control={control}
          name="credential_kind"
          render={({ field }) => (
            <Radio.Group label="How it signs in" value={field.value} onChange={field.onChange}>
              <Group mt={6}>
                <Radio value="secret" label="Client secret" />
                <Radio value="certificate" label="Certificate" />
              </Group>
            </Radio.Group>
          )}
        />
        {kind === "secret" ? (
          <PasswordInput
            label="Secret for writing"
            description="The secret’s value, not its ID"
            autoComplete="new-password"
            withAsterisk
            visibilityToggleButtonProps={{ "aria-label": "Show what you type" }}
            error={errorOf("credential")}
            readOnly={readOnly}
            {...register("credential")}
          />
        ) : (
          <Textarea
            label="PEM for writing"
            description="The certificate and its private key, one after the other"
            autosize
            minRows={4}
            maxRows={12}
            spellCheck={false}
            autoComplete="off"
            withAsterisk
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            error={errorOf("credential")}
            readOnly={readOnly}
            {...register("credential")}
          />
        )}
        <Controller
          control={control}
          name="keep_hours"
          render={({ field }) => (
            <NativeSelect
              label="Keep it for"
              description="Then TenantPilot forgets it"
              value={field.value === null || field.value === undefined ? "" : String(field.value)}
              onChange={(event) =>
                field.onChange(event.currentTarget.value === "" ? null : Number(event.currentTarget.value))
              }
              data={durations}
              error={errorOf("keep_hours")}
              maw="16rem"
            />
          )}
        />
        <Group>
          <Button type="submit" loading={pending}>
            Save for writing
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
