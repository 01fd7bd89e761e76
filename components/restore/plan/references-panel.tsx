"use client";

import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { toast } from "#components/feedback/toast.ts";
import { useAction } from "#components/feedback/use-action.ts";
import { ActingSelect } from "#components/form/acting-select";
import { Panel } from "#components/ui/panel";
import type { RestoreReference } from "#lib/restore/schema";
import type { RestoreActions } from "../actions.ts";
import { kindLabel, policiesText } from "../restore-words.ts";
import { GroupSearch } from "./group-search.tsx";
import classes from "./references-panel.module.css";

type Decision = Parameters<RestoreActions["decide"]>[0]["decision"];

/** What the policies of a plan refer to, and what each reference stands for in the tenant that is written to. */
export function ReferencesPanel({
  tenantId,
  restoreId,
  references,
  tenantName,
  decide,
}: {
  /** That is written to. */
  tenantId: number;
  restoreId: number;
  references: readonly RestoreReference[];
  /** That is written to. */
  tenantName: string;
  /** Null where the viewer may not, or the plan cannot be changed any more. */
  decide: RestoreActions["decide"] | null;
}) {
  const needsSomebody = references.filter((each) => isOpen(each) || each.decision !== null);
  const others = references.filter((each) => !needsSomebody.includes(each));
  const open = references.filter(isOpen).length;
  return (
    <section id="references" aria-label="References">
      <Panel title={open > 0 ? `References: ${open} not found` : "References"} flush>
        <p className={classes.intro}>
          Groups, filters, scope tags and other objects that the policies refer to. In {tenantName} each is
          looked for by its id, then by its name. What is not found, or bears a name that several bear, is
          decided here once, and remembered for later restores from the same tenant; a policy that would be
          written with it is blocked until then. Left out, a policy is written without it; where that would
          widen whom it reaches, it stays blocked.
        </p>
        {needsSomebody.length > 0 ? (
          <ul className={classes.list}>
            {needsSomebody.map((reference) => (
              <Reference
                key={`${reference.kind} ${reference.id}`}
                tenantId={tenantId}
                restoreId={restoreId}
                reference={reference}
                decide={decide}
              />
            ))}
          </ul>
        ) : null}
        {others.length > 0 ? (
          <details className={classes.others}>
            <summary>
              {others.length} found by {others.length === 1 ? "its id or name" : "their ids or names"}
            </summary>
            <ul className={classes.list}>
              {others.map((reference) => (
                <li key={`${reference.kind} ${reference.id}`} className={classes.reference}>
                  <Words reference={reference} />
                  <span className={classes.choice}>{targetText(reference)}</span>
                </li>
              ))}
            </ul>
          </details>
        ) : null}
      </Panel>
    </section>
  );
}

function Reference({
  tenantId,
  restoreId,
  reference,
  decide,
}: {
  tenantId: number;
  restoreId: number;
  reference: RestoreReference;
  decide: RestoreActions["decide"] | null;
}) {
  const { pending, run } = useAction();
  const [byId, setById] = useState<string | null>(null);
  const { kind, id, suggestions } = reference;
  const name = reference.name ?? id;
  const send = (decision: Decision, done: string) =>
    decide &&
    run(() => decide({ restore_id: restoreId, kind, source_id: id, decision }), {
      success: () => toast.success(done),
    });
  const choose = (value: string) => {
    if (value === "") return setById(null);
    if (value === otherValue) return setById("");
    if (value === leaveOutValue) return send({ kind: "leave_out" }, `${name} is left out.`);
    const target = suggestions.find((each) => each.id === value);
    if (target)
      send(
        { kind: "map", target_id: target.id, target_name: target.name },
        `${name} stands for ${target.name}.`,
      );
  };
  return (
    <li className={classes.reference} data-open={isOpen(reference) || undefined}>
      <Words reference={reference} />
      {!isOpen(reference) ? (
        <span className={classes.decided}>
          <span>
            {targetText(reference)}
            {reference.decision ? (
              <span className={classes.about}>
                Decided by {reference.decision.decided_by}
                {reference.decision.not_checked === null
                  ? null
                  : `. Not looked up: ${reference.decision.not_checked}`}
              </span>
            ) : null}
          </span>
          {decide ? (
            <Button
              className="tp-no-print"
              size="compact-xs"
              variant="default"
              loading={pending}
              aria-label={`Change what ${name} stands for`}
              onClick={() => send({ kind: "undecided" }, `${name} is to be decided anew.`)}
            >
              Change
            </Button>
          ) : null}
        </span>
      ) : decide ? (
        <span className={`${classes.choice} tp-no-print`}>
          <ActingSelect
            label={`What ${kindLabel(kind)} ${name} stands for`}
            value={byId === null ? "" : otherValue}
            disabled={pending}
            onChoose={choose}
            data={[
              { value: "", label: "Choose what it stands for…" },
              ...suggestions.map((each) => ({ value: each.id, label: each.name })),
              {
                value: otherValue,
                label: kind === "group" ? "Another group…" : "Another object, by its id…",
              },
              { value: leaveOutValue, label: "Leave it out" },
            ]}
          />
          {byId === null ? null : (
            <span className={classes.byId}>
              {kind === "group" ? (
                <GroupSearch
                  tenantId={tenantId}
                  value={byId}
                  onType={setById}
                  onChoose={(group) =>
                    send(
                      { kind: "map", target_id: group.id, target_name: group.name },
                      `${name} stands for ${group.name}.`,
                    )
                  }
                />
              ) : (
                <TextInput
                  label="Object id"
                  value={byId}
                  onChange={(event) => setById(event.currentTarget.value)}
                  autoComplete="off"
                  spellCheck={false}
                  flex={1}
                />
              )}
              <Button
                loading={pending}
                disabled={byId.trim() === ""}
                onClick={() =>
                  send({ kind: "map", target_id: byId.trim() }, `${name} stands for ${byId.trim()}.`)
                }
              >
                Use it
              </Button>
            </span>
          )}
        </span>
      ) : (
        <span className={classes.choice}>To be decided</span>
      )}
    </li>
  );
}

const otherValue = "other";
const leaveOutValue = "leave out";

function Words({ reference: { kind, id, name, item_count, resolution } }: { reference: RestoreReference }) {
  return (
    <span className={classes.words}>
      <span className="tp-dim">{kindLabel(kind)}</span> <span className={classes.name}>{name ?? id}</span>
      <span className={classes.about}>
        {resolution === "unknown" ? "Not found here. " : null}
        {resolution === "ambiguous" ? "Several objects bear this name. " : null}
        In {policiesText(item_count)}
        {name === null ? null : `, ${id}`}
      </span>
    </span>
  );
}

function isOpen({ resolution }: RestoreReference): boolean {
  return resolution === "unknown" || resolution === "ambiguous";
}

function targetText({ resolution, target }: RestoreReference): string {
  if (resolution === "left_out") return "Left out";
  if (resolution === "made") return "Made by this restore";
  return target ? `→ ${target.name}` : "→ the same";
}
