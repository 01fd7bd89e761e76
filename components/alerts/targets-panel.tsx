"use client";

import { Button, Group, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { TargetView } from "#lib/alerts/schema";
import type { testAlertTarget } from "#lib/delivery/targets";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import type { Action } from "../feedback/action-result.ts";
import { ConfirmDialog } from "../feedback/dialogs/confirm.ts";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { errorsByField } from "../form/server-errors.ts";
import { useNoteUnsaved } from "../navigation/use-note-unsaved.ts";
import { RelativeTime } from "../time/instant.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./alerts.module.css";
import { TargetDialog } from "./target-dialog.tsx";
import { addressesIn, type TargetUpdate } from "./target-draft.ts";
import { targetLabels } from "./target-labels.ts";

type Kind = TargetView["kind"];
/** What the form says of a new target. */
export type NewTarget = { name: string } & (
  | { kind: "email"; recipients: string[] }
  | { kind: Exclude<Kind, "email">; url: string }
);

/** A tenant's, or the platform's. */
interface TargetActions {
  createTarget: Action<{ target: NewTarget }, { signing_secret: string | null }>;
  updateTarget: Action<TargetUpdate, unknown>;
  removeTarget: Action<{ target_id: number }, void>;
  rotateSecret: Action<{ target_id: number }, { signing_secret: string }>;
  testTarget: Action<{ target_id: number }, Awaited<ReturnType<typeof testAlertTarget>>>;
}

/** Where alerts go. */
export function TargetsPanel({
  targets,
  kinds = allKinds,
  hasOwners = true,
  actions,
}: {
  targets: readonly TargetView[];
  /** What is offered. */
  kinds?: readonly Kind[];
  /** Whether mail can go to owners: the platform has none. */
  hasOwners?: boolean;
  actions: TargetActions;
}) {
  const { pending, run } = useAction();
  const [editing, setEditing] = useState<TargetView | null>(null);
  const [removing, setRemoving] = useState<TargetView | null>(null);
  const [rotating, setRotating] = useState<TargetView | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const columns: DataColumn<TargetView>[] = [
    {
      key: "name",
      label: "Name",
      phone: "main",
      cell: (target) => (
        <div>
          <span style={{ fontWeight: 550 }}>{target.name}</span>
          <div className="tp-dim">
            {targetLabels[target.kind]}: {target.hint}
          </div>
          <Group gap="xs">
            <Button
              size="compact-sm"
              variant="default"
              disabled={pending}
              aria-label={`Edit…: ${target.name}`}
              onClick={() => setEditing(target)}
            >
              Edit…
            </Button>
            {target.kind === "webhook" ? (
              <Button
                size="compact-sm"
                variant="default"
                disabled={pending}
                aria-label={`New signing secret for ${target.name}`}
                onClick={() => setRotating(target)}
              >
                New signing secret
              </Button>
            ) : null}
          </Group>
        </div>
      ),
    },
    {
      key: "state",
      label: "State",
      cell: ({ is_enabled, disabled_reason, failing_since, last_delivered_at }) =>
        is_enabled ? (
          failing_since ? (
            <>
              Failing since <RelativeTime at={failing_since} />
            </>
          ) : last_delivered_at ? (
            <>
              Last delivered <RelativeTime at={last_delivered_at} />
            </>
          ) : (
            "Nothing was sent yet"
          )
        ) : (
          `Disabled. ${disabled_reason ?? ""}`
        ),
    },
    {
      key: "actions",
      label: "Actions",
      tight: true,
      cell: (target) => (
        <Group gap="xs" wrap="nowrap" justify="flex-end">
          <Button
            size="compact-sm"
            variant="default"
            disabled={pending}
            aria-label={`Test ${target.name}`}
            onClick={() =>
              run(() => actions.testTarget({ target_id: target.id }), {
                success: ({ ok, status, answer, duration_ms }) => {
                  const said = `${status === null ? "" : `HTTP ${status}, `}${duration_ms} ms: ${answer}`;
                  if (ok) toast.success(`“${target.name}” took it. ${said}`);
                  else toast.info(`“${target.name}” did not take it. ${said}`);
                },
              })
            }
          >
            Test
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            disabled={pending}
            aria-label={`${target.is_enabled ? "Disable" : "Enable"} ${target.name}`}
            onClick={() =>
              run(() => actions.updateTarget({ target_id: target.id, is_enabled: !target.is_enabled }))
            }
          >
            {target.is_enabled ? "Disable" : "Enable"}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`Remove ${target.name}`}
            onClick={() => setRemoving(target)}
          >
            Remove
          </Button>
        </Group>
      ),
    },
  ];
  return (
    <Panel title="Where alerts go">
      {targets.length > 0 ? (
        <DataTable
          label="Where alerts go"
          columns={columns}
          rows={targets}
          rowKey={(target) => target.id}
          bare
        />
      ) : null}
      <NewTargetForm kinds={kinds} create={actions.createTarget} onMade={setSecret} />
      {secret ? (
        <p className={classes.secret}>
          The signing secret of the webhook, shown this once:{" "}
          <code data-testid="signing-secret">{secret}</code>
        </p>
      ) : null}
      {editing ? (
        <TargetDialog
          target={editing}
          hasOwners={hasOwners}
          save={(change) =>
            actions.updateTarget({ ...change, target_id: editing.id, updated_at: editing.updated_at })
          }
          onClose={() => setEditing(null)}
        />
      ) : null}
      {rotating ? (
        <ConfirmDialog
          title={`A new signing secret for “${rotating.name}”?`}
          confirmLabel="Make a new secret"
          pending={pending}
          onClose={() => setRotating(null)}
          onConfirm={() =>
            run(() => actions.rotateSecret({ target_id: rotating.id }), {
              success: ({ signing_secret }) => {
                setSecret(signing_secret);
                setRotating(null);
              },
            })
          }
        >
          For a day its messages are signed with both. Give its receiver the new one meanwhile.
        </ConfirmDialog>
      ) : null}
      {removing ? (
        <ConfirmDialog
          title={`Remove “${removing.name}”?`}
          confirmLabel="Remove target"
          danger
          pending={pending}
          onClose={() => setRemoving(null)}
          onConfirm={() =>
            run(() => actions.removeTarget({ target_id: removing.id }), { success: () => setRemoving(null) })
          }
        >
          Its rules and the log of what it was sent go with it.
        </ConfirmDialog>
      ) : null}
    </Panel>
  );
}

const allKinds = ["email", "webhook", "teams", "slack", "heartbeat"] as const;

function NewTargetForm({
  kinds,
  create,
  onMade,
}: {
  kinds: readonly Kind[];
  create: TargetActions["createTarget"];
  onMade: (secret: string | null) => void;
}) {
  const { pending, run } = useAction();
  const [kind, setKind] = useState<Kind>("email");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [typed, setTyped] = useState(false);
  useNoteUnsaved(typed);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const [name, place] = [String(fields.get("name")), String(fields.get("place"))];
    const target =
      kind === "email" ? { kind, name, recipients: addressesIn(place) } : { kind, name, url: place };
    run(() => create({ target }), {
      success: ({ signing_secret }) => {
        form.reset();
        setTyped(false);
        setErrors({});
        onMade(signing_secret);
        toast.success("Now add a rule that sends something there.");
      },
      problem: (problem) => {
        const own = errorsByField(problem);
        setErrors(own);
        return Object.keys(own).length > 0;
      },
    });
  };
  const placeError = Object.entries(errors).find(([path]) => /(url|recipients)/.test(path))?.[1];
  return (
    <form onSubmit={submit} noValidate aria-label="New target" className={classes.form}>
      <NativeSelect
        label="Kind"
        data={kinds.map((value) => ({ value, label: targetLabels[value] }))}
        value={kind}
        onChange={(event) => setKind(kinds.find((known) => known === event.currentTarget.value) ?? "email")}
      />
      <TextInput
        label="Target name"
        name="name"
        maxLength={200}
        error={errors["target.name"]}
        onChange={() => setTyped(true)}
      />
      <TextInput
        label={kind === "email" ? "Mail addresses" : "Address"}
        name="place"
        autoComplete="off"
        error={placeError}
        onChange={() => setTyped(true)}
        className={classes.grow}
      />
      <Button type="submit" variant="default" loading={pending}>
        Add target
      </Button>
    </form>
  );
}
