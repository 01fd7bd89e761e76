"use client";

import { Button, Checkbox, Group, Loader, Modal, NativeSelect, Radio, Stack } from "@mantine/core";
import { useEffect, useState } from "react";
import { counted } from "#lib/counted";
import type { Problem } from "#lib/errors";
import { findType } from "#lib/policies/catalog";
import type { BackupSetDetails, ListedBackupSet } from "#lib/sets/schema";
import { fetchJson } from "../compare/fetch-json.ts";
import { modalWhile } from "../feedback/dialogs/modal-while.ts";
import { useReturnFocus } from "../feedback/dialogs/use-return-focus.ts";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { useNavigate } from "../navigation/navigation.tsx";
import { useHourClock, useViewerZone } from "../time/clock.tsx";
import { dateTimeText } from "../time/format.ts";
import type { BaselineActions } from "./actions.ts";
import classes from "./drift.module.css";

/** Of what a baseline is chosen. */
export interface BaselineChoice {
  /** The tenant that gets it. */
  tenantId: number;
  /** Tenants of the viewer's whose sets may be taken, this one first. */
  tenants: readonly { id: number; name: string }[];
  /** The set, where it is clear; else it is asked for. */
  setId?: number;
  /** Policies of the set that somebody chose in a list. */
  items?: readonly { policy_type: string; graph_id: string }[];
}

/** Asks for tenant, set and types of a baseline. */
export function BaselineDialog({
  choice: { tenantId, tenants, setId, items },
  set,
  onClose,
}: {
  choice: BaselineChoice;
  set: BaselineActions["set"];
  onClose: () => void;
}) {
  useReturnFocus();
  const navigate = useNavigate();
  const { pending, run } = useAction();
  const [source, setSource] = useState(tenantId);
  const [chosenSet, setChosenSet] = useState<number | null>(setId ?? null);
  const [isWhole, setWhole] = useState(true);
  // What is chosen of one set says nothing of another.
  const setPath = `/api/tenants/${source}/backup-sets/${chosenSet}`;
  const [typesOf, setTypesOf] = useState<{ setPath: string; types: readonly string[] }>({
    setPath,
    types: [],
  });
  const types = typesOf.setPath === setPath ? typesOf.types : [];
  const [problem, setProblem] = useState<Problem | null>(null);
  const across = source !== tenantId;
  const make = () => {
    if (chosenSet === null) return;
    setProblem(null);
    run(
      () =>
        set({
          set_id: chosenSet,
          ...(across ? { source_tenant_id: source } : {}),
          ...(items ? { items: items.map(({ policy_type, graph_id }) => ({ policy_type, graph_id })) } : {}),
          ...(!items && !isWhole ? { policy_types: [...types] } : {}),
        }),
      {
        success: (_baseline, isHere) => {
          toast.success("The baseline is chosen. What differs from it is being worked out.");
          onClose();
          if (isHere) navigate(`/tenants/${tenantId}/drift`);
        },
        problem: (found) => {
          setProblem(found);
          return true;
        },
      },
    );
  };
  return (
    <Modal {...modalWhile(pending, onClose)} title="Choose the baseline" centered size="lg">
      <Stack gap="md">
        <p className={classes.text}>
          The baseline is what the tenant shall look like. After each backup TenantPilot says what differs
          from it. Its policies are kept with it, whatever becomes of the set; a baseline that is there
          already is replaced.
        </p>
        {problem ? (
          <ProblemAlert title={problem.title} reveal>
            {problem.detail}
          </ProblemAlert>
        ) : null}
        {setId === undefined && tenants.length > 1 ? (
          <NativeSelect
            label="Tenant"
            description={
              across
                ? "Another tenant’s policies are found here by their names, not by their ids."
                : undefined
            }
            value={String(source)}
            onChange={(event) => {
              setSource(Number(event.currentTarget.value));
              setChosenSet(null);
            }}
            data={tenants.map(({ id, name }) => ({ value: String(id), label: name }))}
          />
        ) : null}
        {setId === undefined ? (
          <SetSelect key={source} tenantId={source} value={chosenSet} onChange={setChosenSet} />
        ) : null}
        {items ? (
          <p className={classes.text}>
            {items.length === 1 ? "The policy that you chose" : `The ${items.length} policies that you chose`}{" "}
            of set {chosenSet}. What is there beside is no difference then.
          </p>
        ) : (
          <Radio.Group
            label="Policies"
            value={isWhole ? "all" : "types"}
            onChange={(value) => setWhole(value === "all")}
          >
            <Stack gap="xs" mt={8}>
              <Radio value="all" label="All of the set" />
              <Radio value="types" label="Those of some types" />
            </Stack>
          </Radio.Group>
        )}
        {!items && !isWhole && chosenSet !== null ? (
          <TypeChoice
            key={setPath}
            path={setPath}
            value={types}
            onChange={(chosen) => setTypesOf({ setPath, types: chosen })}
          />
        ) : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" disabled={pending} onClick={onClose}>
            Cancel
          </Button>
          <Button
            loading={pending}
            disabled={chosenSet === null || (!items && !isWhole && types.length === 0)}
            onClick={make}
          >
            Make it the baseline
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** The newest sets of a tenant. */
function SetSelect({
  tenantId,
  value,
  onChange,
}: {
  tenantId: number;
  value: number | null;
  onChange: (setId: number | null) => void;
}) {
  const zone = useViewerZone();
  const clock = useHourClock();
  const { data: sets, message } = useFetched<ListedBackupSet[]>(
    `/api/tenants/${tenantId}/backup-sets?limit=100`,
  );
  const first = sets?.[0]?.id ?? null;
  useEffect(() => {
    if (value === null && first !== null) onChange(first);
  }, [value, first, onChange]);
  if (message !== null) return <div role="alert">{message}</div>;
  if (sets === null) return <Loader size="sm" role="status" aria-label="Loading backup sets" />;
  if (sets.length === 0) return <p className={classes.text}>This tenant has no backup set yet.</p>;
  return (
    <NativeSelect
      label="Backup set"
      value={String(value ?? "")}
      onChange={(event) => onChange(Number(event.currentTarget.value))}
      data={sets.map(({ id, schedule_name, created_at, item_count, status }) => ({
        value: String(id),
        label: `${dateTimeText(created_at, zone, clock)}, ${schedule_name}, ${counted(item_count, "item")}${status === "partial" ? ", incomplete" : ""}`,
      }))}
    />
  );
}

function TypeChoice({
  path,
  value,
  onChange,
}: {
  path: string;
  value: readonly string[];
  onChange: (types: readonly string[]) => void;
}) {
  const { data: set, message } = useFetched<BackupSetDetails>(path);
  if (message !== null) return <div role="alert">{message}</div>;
  if (set === null) return <Loader size="sm" role="status" aria-label="Loading policy types" />;
  const captured = Object.entries(set.types).filter(([, type]) => type.captured > 0);
  return (
    <Checkbox.Group label="Policy types" value={[...value]} onChange={onChange}>
      <div className={classes.types}>
        {captured.map(([key, { captured: count }]) => (
          <Checkbox key={key} value={key} label={`${findType(key)?.label ?? key} (${count})`} />
        ))}
      </div>
    </Checkbox.Group>
  );
}

/** What the API answers, once. */
function useFetched<T>(path: string): { data: T | null; message: string | null } {
  const [answer, setAnswer] = useState<{ data: T | null; message: string | null }>({
    data: null,
    message: null,
  });
  useEffect(() => {
    const abort = new AbortController();
    fetchJson<T>(path, abort.signal).then((found) => {
      if (!abort.signal.aborted)
        setAnswer(found.ok ? { data: found.data, message: null } : { data: null, message: found.message });
    });
    return () => abort.abort();
  }, [path]);
  return answer;
}
