"use client";

import { Button } from "@mantine/core";
import { IconArrowBackUp, IconCheck, IconChevronRight, IconX } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { type ReactNode, useRef, useState } from "react";
import type { Drift } from "#lib/drift/schema";
import { ChangeBadge } from "../compare/change-marks.tsx";
import { RowCheckbox } from "../data-table/row-checkbox.tsx";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { useNeighborKeys } from "../keyboard/use-neighbor-keys.ts";
import { useNavigate } from "../navigation/navigation.tsx";
import { TypeGroups } from "../policies/type-groups.tsx";
import { showPlan } from "../restore/start/show-plan.ts";
import type { DriftActions } from "./actions.ts";
import type { DecisionDraft } from "./decide-dialog.tsx";
import classes from "./drift.module.css";
import { DriftStateBadge } from "./drift-badges.tsx";
import { differencesText, driftKindLabels, driftRemark } from "./drift-words.ts";

const Details = dynamic(async () => (await import("./drift-details.tsx")).DriftDetailsPanel);
const DecideDialog = dynamic(() => import("./decide-dialog.tsx").then((module) => module.DecideDialog), {
  ssr: false,
});

/** Differences from the baseline under the headings of their types. Each unfolds what differs; several can be decided about at once. */
export function DriftList({
  drifts,
  tenantId,
  actions,
  empty,
}: {
  drifts: readonly Drift[];
  tenantId: number;
  /** Null for roles that may not decide. */
  actions: DriftActions | null;
  /** In the place of no differences: a question about one that has just gone away stays open over it. */
  empty: ReactNode;
}) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [asking, setAsking] = useState<Asking | null>(null);
  const [draft, setDraft] = useState<DecisionDraft | null>(null);
  const root = useRef<HTMLDivElement>(null);
  useNeighborKeys((direction) => focusNeighbor(root.current, direction));
  const choosable = actions ? drifts.filter(({ gone_at }) => gone_at === null) : [];
  const picked = choosable.filter(({ id }) => chosen.has(id));
  return (
    <div ref={root}>
      {choosable.length > 0 ? (
        <div className={`${classes.all} tp-no-print`}>
          <RowCheckbox
            id="choose-shown"
            aria-label="Choose all that are shown"
            checked={picked.length === choosable.length}
            indeterminate={picked.length > 0 && picked.length < choosable.length}
            onChange={() =>
              setChosen(
                picked.length === choosable.length ? new Set() : new Set(choosable.map(({ id }) => id)),
              )
            }
          />
          <label htmlFor="choose-shown">Choose differences to accept, deny or restore them</label>
        </div>
      ) : null}
      {drifts.length === 0 ? empty : null}
      <TypeGroups
        rows={drifts.map((drift) => ({ ...drift, kind: drift.item_kind, change: drift.kind }))}
        idPrefix="drift"
        item={({ change, ...drift }) => (
          <Row
            key={drift.id}
            drift={{ ...drift, kind: change }}
            tenantId={tenantId}
            actions={actions}
            isOpen={open.has(drift.id)}
            isChosen={chosen.has(drift.id)}
            onToggle={() => setOpen((before) => toggled(before, drift.id))}
            onChoose={() => setChosen((before) => toggled(before, drift.id))}
            onAsk={setAsking}
          />
        )}
      />
      {actions && picked.length > 0 ? (
        <section className={`${classes.bar} tp-no-print`} aria-label="Chosen differences">
          <span role="status">{differencesText(picked.length)} chosen</span>
          <Button variant="default" size="xs" onClick={() => setChosen(new Set())}>
            Clear
          </Button>
          <DriftButtons
            drifts={picked}
            actions={actions}
            onAsk={setAsking}
            onDone={() => setChosen(new Set())}
          />
        </section>
      ) : null}
      {actions && asking ? (
        <DecideDialog
          {...asking}
          draft={draft}
          actions={actions}
          onClose={(unsaved) => {
            setAsking(null);
            setDraft(unsaved);
          }}
          onDone={() => {
            setAsking(null);
            setDraft(null);
            const decided = new Set(asking.drifts.map(({ id }) => id));
            setChosen((before) => new Set([...before].filter((id) => !decided.has(id))));
          }}
        />
      ) : null}
    </div>
  );
}

/** What is asked, about differences as they were when it was asked. */
interface Asking {
  decision: "accept" | "deny";
  drifts: readonly Drift[];
}

function toggled(before: ReadonlySet<number>, id: number): ReadonlySet<number> {
  const after = new Set(before);
  if (!after.delete(id)) after.add(id);
  return after;
}

function Row({
  drift,
  tenantId,
  actions,
  isOpen,
  isChosen,
  onToggle,
  onChoose,
  onAsk,
}: {
  drift: Drift;
  tenantId: number;
  actions: DriftActions | null;
  isOpen: boolean;
  isChosen: boolean;
  onToggle: () => void;
  onChoose: () => void;
  onAsk: (asking: Asking) => void;
}) {
  const region = `drift-${drift.id}`;
  const remark = driftRemark(drift);
  const about = [remark, drift.changed_by ? `By ${drift.changed_by.who}` : null, drift.reason].filter(
    (each) => each !== null,
  );
  return (
    <li className={classes.item} data-open={isOpen || undefined}>
      <div className={classes.row}>
        {actions && drift.gone_at === null ? (
          <span className={classes.choose}>
            <RowCheckbox aria-label={`Choose ${drift.display_name}`} checked={isChosen} onChange={onChoose} />
          </span>
        ) : null}
        <span className={classes.badges}>
          <ChangeBadge change={drift.kind} label={driftKindLabels[drift.kind]} />
          <DriftStateBadge state={drift.state} />
        </span>
        <span className={classes.words}>
          <button
            type="button"
            className={classes.name}
            data-main
            aria-expanded={isOpen}
            aria-controls={isOpen ? region : undefined}
            onClick={onToggle}
          >
            <IconChevronRight size={14} aria-hidden className={classes.chevron} />
            <span>{drift.display_name}</span>
          </button>
          {about.length > 0 ? <span className={classes.about}>{about.join(" · ")}</span> : null}
        </span>
      </div>
      {isOpen ? (
        <section className={classes.details} id={region} aria-label={`Difference of ${drift.display_name}`}>
          {actions && drift.gone_at === null ? (
            <div className={`${classes.links} tp-no-print`}>
              <DriftButtons drifts={[drift]} actions={actions} onAsk={onAsk} />
            </div>
          ) : null}
          <Details key={drift.version} drift={drift} tenantId={tenantId} />
        </section>
      ) : null}
    </li>
  );
}

/** What can be done about some differences. */
function DriftButtons({
  drifts,
  actions,
  onAsk,
  onDone = () => {},
}: {
  drifts: readonly Drift[];
  actions: DriftActions;
  /** Asks why. */
  onAsk: (asking: Asking) => void;
  onDone?: () => void;
}) {
  const navigate = useNavigate();
  const { pending, run } = useAction();
  const restorable = drifts.filter(({ kind }) => kind !== "added");
  const one = drifts.length === 1 ? `: ${drifts[0]?.display_name}` : "";
  const wanted = drifts.map(({ id, version }) => ({ id, version }));
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconCheck size={15} aria-hidden />}
        aria-label={`Accept…${one}`}
        onClick={() => onAsk({ decision: "accept", drifts })}
      >
        Accept…
      </Button>
      {drifts.some(({ state }) => state !== "denied") ? (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconX size={15} aria-hidden />}
          aria-label={`Deny…${one}`}
          onClick={() => onAsk({ decision: "deny", drifts })}
        >
          Deny…
        </Button>
      ) : null}
      {drifts.every(({ state }) => state !== "new") ? (
        <Button
          size="xs"
          variant="default"
          loading={pending}
          aria-label={`Take the decision back${one}`}
          onClick={() =>
            run(() => actions.reopen({ drifts: wanted }), {
              success: () => {
                toast.success(`${differencesText(drifts.length)} new again.`);
                onDone();
              },
            })
          }
        >
          Take the decision back
        </Button>
      ) : null}
      {restorable.length > 0 ? (
        <Button
          size="xs"
          variant="default"
          loading={pending}
          leftSection={<IconArrowBackUp size={15} aria-hidden />}
          aria-label={`Restore from the baseline…${one}`}
          title="Makes a plan; nothing is written until an owner asks for it"
          onClick={() =>
            run(() => actions.restore({ drift_ids: restorable.map(({ id }) => id) }), {
              success: (made, isHere) => showPlan(made, isHere, navigate),
              refresh: false,
            })
          }
        >
          {restorable.length === drifts.length
            ? "Restore from the baseline…"
            : `Restore ${restorable.length} of them from the baseline…`}
        </Button>
      ) : null}
    </>
  );
}

/** Moves the focus to the next or the previous difference; from elsewhere, to the first. */
function focusNeighbor(root: HTMLElement | null, direction: "next" | "previous"): boolean {
  const mains = [...(root?.querySelectorAll<HTMLElement>("[data-main]") ?? [])];
  const item = document.activeElement?.closest("li");
  const at = mains.findIndex((main) => item?.contains(main));
  const target = mains[at === -1 ? 0 : at + (direction === "next" ? 1 : -1)];
  target?.focus();
  target?.closest("li")?.scrollIntoView({ block: "nearest" });
  return target !== undefined;
}
