"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { Button, Group, NativeSelect, PasswordInput, Radio, Stack, Textarea, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { Controller, useForm, useWatch } from "react-hook-form";
import type { z } from "zod";
import { changedSince, onTopOf } from "#lib/as-read";
import type { saveConnection } from "#lib/connection/connection";
import { type ConnectionView, connectionSchema, isSameRegistration } from "#lib/connection/schema";
import type { Problem } from "#lib/errors";
import { type Cloud, cloudLabels } from "#lib/graph/clouds";
import { expiryToldText } from "#lib/limits";
import { dayBounds, dayFault, dayOf, isDay, startOfDay } from "../data-table/time-range.ts";
import type { ActionOf } from "../feedback/action-result.ts";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { EditConflict } from "../form/edit-conflict.tsx";
import { sentence, showServerErrors } from "../form/server-errors.ts";
import { UnsavedChanges } from "../form/unsaved-changes.tsx";
import { useHydrated } from "../form/use-hydrated.ts";
import { useViewerZone } from "../time/clock.tsx";
import { AbsoluteTime } from "../time/instant.tsx";

type Values = z.input<typeof connectionSchema>;

const fieldNames = Object.keys(connectionSchema.shape);

/** How the tenant's Graph is reached. The stored credential is never shown; an empty field keeps it for the same app registration. */
export function ConnectionForm({
  connection,
  clouds,
  save,
}: {
  connection: ConnectionView | null;
  clouds: readonly Cloud[];
  save: ActionOf<typeof saveConnection>;
}) {
  const readOnly = !useHydrated();
  const zone = useViewerZone();
  const { pending, run } = useAction();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isDateEntered, setDateEntered] = useState(false);
  const dateField = useRef<HTMLInputElement>(null);
  const { control, register, handleSubmit, getValues, setValue, setError, reset, formState } = useForm<
    Values,
    unknown,
    z.output<typeof connectionSchema>
  >({
    resolver: zodResolver(connectionSchema),
    mode: "onTouched",
    defaultValues: valuesOf(connection, clouds),
  });
  // What is being edited: it does not follow what live updates bring.
  const [read, setRead] = useState(connection);
  const [isOutdated, setOutdated] = useState(false);
  const errorOf = (field: keyof Values) => sentence(formState.errors[field]?.message);
  const [kind = "secret", cloud, entra_tenant_id, client_id] = useWatch({
    control,
    name: ["credential_kind", "cloud", "entra_tenant_id", "client_id"],
  });
  const typed = { cloud, entra_tenant_id, client_id, credential_kind: kind };
  const kept = connection !== null && isSameRegistration(connection, typed);
  /** The stored date is the stored credential's: another one's is not known until it is entered. */
  const dateFollowsCredential = () => {
    if (isDateEntered) return;
    const { credential_kind, credential_expires_at } = formState.defaultValues ?? {};
    const { credential, credential_kind: chosen } = getValues();
    const isStored = credential === "" && chosen === credential_kind;
    setValue("credential_expires_at", isStored ? credential_expires_at : null);
  };
  const credentialField = register("credential", { onChange: dateFollowsCredential });
  /** @param base what the changes are made to */
  const send = (base: ConnectionView | null) =>
    handleSubmit((values) => {
      // Of a date that is half typed the browser tells nothing but that: it is not saved as none.
      if (dateField.current?.validity.badInput) {
        setError("credential_expires_at", { message: dayFault });
        dateField.current.focus();
        return;
      }
      setProblem(null);
      setOutdated(false);
      const wanted = onTopOf<Values>(valuesOf(read, clouds), values, valuesOf(base, clouds));
      run(() => save({ ...wanted, updated_at: base?.updated_at ?? null }), {
        success: ({ write_connection_forgotten, ...saved }) => {
          reset(valuesOf(saved, clouds));
          setRead(saved);
          setDateEntered(false);
          toast.success(
            write_connection_forgotten
              ? "The connection is saved, and the one for writing to the tenant before is forgotten. Test it next."
              : "The connection is saved. Test it next.",
          );
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
    <form onSubmit={send(read)} noValidate aria-label="Connection">
      <UnsavedChanges dirty={formState.isDirty} />
      <Stack gap="md">
        {/* The new version comes with the refresh that ends with the action. */}
        {isOutdated && !pending ? (
          <EditConflict
            title="The connection changed while you were editing"
            changed={changedSince(valuesOf(read, clouds), valuesOf(connection, clouds)).map(
              (field) => labels[field],
            )}
            onShowTheirs={() => {
              reset(valuesOf(connection, clouds));
              setRead(connection);
              setDateEntered(false);
              setOutdated(false);
            }}
            onKeepMine={() => void send(connection)()}
          />
        ) : null}
        {problem ? (
          <ProblemAlert title={problem.title} reveal>
            {problem.detail}
          </ProblemAlert>
        ) : null}
        <NativeSelect
          label="Cloud"
          data={clouds.map((cloud) => ({ value: cloud, label: cloudLabels[cloud] }))}
          error={errorOf("cloud")}
          {...register("cloud")}
        />
        <TextInput
          label="Entra tenant id"
          description="Directory (tenant) ID, from the app registration's overview"
          placeholder="11111111-2222-3333-4444-555555555555"
          autoComplete="off"
          spellCheck={false}
          withAsterisk
          error={errorOf("entra_tenant_id")}
          readOnly={readOnly}
          {...register("entra_tenant_id")}
        />
        <TextInput
          label="Client id"
          description="Application (client) ID, from the same page"
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
            <Radio.Group
              label="Credential"
              value={field.value}
              onChange={(value) => {
                field.onChange(value);
                // A certificate's date is not asked for: what is none yet would keep it from being saved, and not be seen.
                const entered = getValues("credential_expires_at");
                if (entered && !isInstant(entered))
                  setValue("credential_expires_at", null, { shouldValidate: true });
                dateFollowsCredential();
              }}
            >
              <Group mt={6}>
                <Radio value="secret" label="Client secret" />
                <Radio value="certificate" label="Certificate" />
              </Group>
            </Radio.Group>
          )}
        />
        {kind === "secret" ? (
          <PasswordInput
            label="Client secret"
            description={
              kept ? "Stored and never shown. Leave empty to keep it." : "The secret's value, not its ID"
            }
            autoComplete="new-password"
            withAsterisk={!kept}
            visibilityToggleButtonProps={{ "aria-label": "Show what you type" }}
            error={errorOf("credential")}
            readOnly={readOnly}
            {...credentialField}
          />
        ) : (
          <Textarea
            label="Certificate and private key"
            description={
              kept ? "Stored and never shown. Leave empty to keep them." : "Both in PEM, one after the other"
            }
            autosize
            minRows={4}
            maxRows={12}
            spellCheck={false}
            autoComplete="off"
            withAsterisk={!kept}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            error={errorOf("credential")}
            readOnly={readOnly}
            {...credentialField}
          />
        )}
        {kind === "secret" ? (
          <Controller
            control={control}
            name="credential_expires_at"
            render={({ field }) => (
              <TextInput
                ref={(input) => {
                  field.ref(input);
                  dateField.current = input;
                }}
                type="date"
                {...dayBounds}
                label="Secret expires on"
                description={`Entra shows it beside the secret. Alerts tell of it ${expiryToldText} days before`}
                error={formState.errors.credential_expires_at ? dayFault : undefined}
                readOnly={readOnly}
                value={isInstant(field.value) ? dayOf(Date.parse(field.value), zone) : (field.value ?? "")}
                onChange={({ currentTarget: { value } }) => {
                  setDateEntered(true);
                  // While somebody types the year, the field keeps what they type; it cannot be saved.
                  field.onChange(
                    isDay(value) ? new Date(startOfDay(value, zone)).toISOString() : value || null,
                  );
                }}
                onBlur={field.onBlur}
              />
            )}
          />
        ) : connection?.credential_kind === "certificate" && connection.credential_expires_at ? (
          <p>
            The stored certificate expires <AbsoluteTime at={connection.credential_expires_at} />.
          </p>
        ) : null}
        <Group>
          <Button type="submit" loading={pending} disabled={connection !== null && !formState.isDirty}>
            Save connection
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What people call the fields. */
const labels: Record<keyof Values, string> = {
  cloud: "Cloud",
  entra_tenant_id: "Entra tenant id",
  client_id: "Client id",
  credential_kind: "Credential",
  credential: "Credential",
  credential_expires_at: "Secret expires on",
};

/** Whether it is a time, and not the beginning of a date that somebody is typing. */
function isInstant(value: string | null | undefined): value is string {
  return value?.includes("T") ?? false;
}

/** What the form starts with. The stored credential is never shown. */
function valuesOf(connection: ConnectionView | null, clouds: readonly Cloud[]): Required<Values> {
  return {
    cloud: connection?.cloud ?? clouds[0] ?? "global",
    entra_tenant_id: connection?.entra_tenant_id ?? "",
    client_id: connection?.client_id ?? "",
    credential_kind: connection?.credential_kind ?? "secret",
    credential: "",
    credential_expires_at: connection?.credential_expires_at ?? null,
  };
}
