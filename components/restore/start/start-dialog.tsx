"use client";

import { Button, Group, Modal, NativeSelect, Radio, Stack } from "@mantine/core";
import { useState } from "react";
import { modalWhile } from "#components/feedback/dialogs/modal-while.ts";
import { useReturnFocus } from "#components/feedback/dialogs/use-return-focus.ts";
import { ProblemAlert } from "#components/feedback/problem-alert";
import { useAction } from "#components/feedback/use-action.ts";
import { useNavigate } from "#components/navigation/navigation";
import type { Problem } from "#lib/errors";
import { itemModes } from "#lib/restore/schema";
import { modeWords, policiesText } from "../restore-words.ts";
import type { ChosenPolicy, RestoreStart } from "./restore-start.ts";
import { showPlan } from "./show-plan.ts";
import classes from "./start-dialog.module.css";

const namesShown = 20;

/** Asks where and how policies of a set are restored, and makes the plan. Nothing is written by it. */
export function StartDialog({
  start: { source, targets, targetId, plan },
  setId,
  policies,
  onClose,
}: {
  start: RestoreStart;
  setId: number;
  policies: readonly ChosenPolicy[];
  onClose: () => void;
}) {
  useReturnFocus();
  const navigate = useNavigate();
  const { pending, run } = useAction();
  const [target, setTarget] = useState(targetId);
  const [mode, setMode] = useState<(typeof itemModes)[number]>("in_place");
  const [problem, setProblem] = useState<Problem | null>(null);
  const across = target !== source.id;
  const targetName = targets.find(({ id }) => id === target)?.name ?? "";
  const make = () => {
    setProblem(null);
    run(
      () =>
        plan(target, {
          set_id: setId,
          ...(across ? { source_tenant_id: source.id } : {}),
          items: policies.map(({ policy_type, graph_id }) => ({ policy_type, graph_id, mode })),
        }),
      {
        success: (made, isHere) => showPlan(made, isHere, navigate),
        problem: (found) => {
          setProblem(found);
          return true;
        },
        refresh: false,
      },
    );
  };
  return (
    <Modal
      {...modalWhile(pending, onClose)}
      title={`Restore ${policiesText(policies.length)} from set ${setId}`}
      centered
      size="lg"
    >
      <Stack gap="md">
        <p className={classes.text}>
          This makes a plan: TenantPilot reads what is live now and shows what would change. Nothing is
          written until an owner asks for it on the next page, and nothing is ever deleted.
        </p>
        {problem ? (
          <ProblemAlert title={problem.title} reveal>
            {problem.detail}
          </ProblemAlert>
        ) : null}
        <ul className={classes.names}>
          {policies.slice(0, namesShown).map(({ policy_type, graph_id, display_name }) => (
            <li key={`${policy_type} ${graph_id}`}>{display_name}</li>
          ))}
          {policies.length > namesShown ? <li>and {policies.length - namesShown} more</li> : null}
        </ul>
        {targets.length > 1 || across ? (
          <NativeSelect
            label="Restore to"
            description={
              across
                ? `Another tenant than the set’s: what ${source.name} calls its own, such as groups, is matched by name, and the plan asks where that is not enough.`
                : "The tenant that the set was made of"
            }
            value={String(target)}
            onChange={(event) => setTarget(Number(event.currentTarget.value))}
            data={targets.map(({ id, name }) => ({ value: String(id), label: name }))}
          />
        ) : null}
        <Radio.Group
          label="How"
          description="Each policy can be told otherwise in the plan."
          value={mode}
          onChange={(value) => setMode(itemModes.find((known) => known === value) ?? "in_place")}
        >
          <Stack gap="xs" mt={8}>
            {itemModes.map((value) => (
              <Radio
                key={value}
                value={value}
                label={modeWords[value].label}
                description={modeWords[value].about}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" disabled={pending} onClick={onClose}>
            Cancel
          </Button>
          <Button loading={pending} onClick={make} data-autofocus>
            {across ? `Make the plan for ${targetName}` : "Make the plan"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
