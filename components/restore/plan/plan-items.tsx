"use client";

import { Button } from "@mantine/core";
import { IconChevronRight, IconPrinter } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { type ReactNode, useEffect, useRef, useState } from "react";
import tableClasses from "#components/data-table/data-table.module.css";
import { toast } from "#components/feedback/toast.ts";
import { useAction } from "#components/feedback/use-action.ts";
import { ActingSelect } from "#components/form/acting-select";
import { TypeGroups } from "#components/policies/type-groups";
import { itemModes, type RestoreItem } from "#lib/restore/schema";
import type { RestoreActions } from "../actions.ts";
import { itemSummary } from "../item-words.ts";
import { OutcomeBadge, StateBadge } from "../restore-badges.tsx";
import { modeWords, policiesText } from "../restore-words.ts";
import classes from "./plan-items.module.css";

const ItemDetails = dynamic(async () => (await import("./plan-item-details.tsx")).PlanItemDetails, {
  // Who prints waits for the code of the details as for what it reads.
  loading: () => <div data-loading />,
});

/** What can be done with the policies of a restore, where it stands, by the viewer. */
export interface ItemActs {
  /** Null once the plan cannot be changed, or for roles that may not. */
  changeItems: RestoreActions["changeItems"] | null;
  /** Null while the restore is at work, and for roles that may not. */
  takeLater: RestoreActions["takeLater"] | null;
}

/** The policies of a restore under the headings of their types. Each unfolds what would happen, or did. */
export function PlanItems({
  items,
  tenantId,
  sourceTenantId,
  begun,
  acts,
  isPart,
  toolbar,
  empty,
}: {
  items: readonly RestoreItem[];
  tenantId: number;
  sourceTenantId: number;
  /** Whether the policies have a state, and not only a plan. */
  begun: boolean;
  acts: ItemActs;
  /** Whether the restore has other policies, on other pages or hidden by a filter. */
  isPart: boolean;
  /** Search and filters. */
  toolbar: ReactNode;
  /** In place of the policies when there is none: below the toolbar, which stays what it is while somebody types in it. */
  empty: ReactNode;
}) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const root = useRef<HTMLDivElement>(null);
  const allOpen = items.every(({ id }) => open.has(id));
  const all = () => setOpen(new Set(items.map(({ id }) => id)));
  const toggle = (id: number) =>
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(waiting.current), []);
  const print = () => {
    all();
    clearTimeout(waiting.current);
    const wait = () => {
      if (root.current?.querySelector("[data-loading]")) waiting.current = setTimeout(wait, 100);
      else window.print();
    };
    // What is unfolded has to be there before one can see whether it is still being read.
    waiting.current = setTimeout(wait, 300);
  };
  return (
    <div ref={root}>
      <div className={`${tableClasses.toolbar} tp-no-print`}>
        {toolbar}
        {items.length === 0 ? null : (
          <div className={classes.tools}>
            {acts.changeItems && items.length > 1 ? (
              <ChangeShown items={items} changeItems={acts.changeItems} />
            ) : null}
            <Button variant="default" onClick={() => (allOpen ? setOpen(new Set()) : all())}>
              {allOpen ? "Close all" : `Open all ${items.length}`}
            </Button>
            <Button
              variant="default"
              leftSection={<IconPrinter size={16} aria-hidden />}
              title={
                isPart
                  ? "Opens these policies first, so that the paper holds every difference of them. The restore has others"
                  : "Opens all policies first, so that the paper holds every difference"
              }
              onClick={print}
            >
              {isPart ? `Print these ${items.length}` : "Print"}
            </Button>
          </div>
        )}
      </div>
      {items.length === 0 ? (
        empty
      ) : (
        <TypeGroups
          rows={items.map((item) => ({ ...item, kind: "policy" }))}
          idPrefix="restored"
          item={(item) => (
            <Row
              key={item.id}
              item={item}
              tenantId={tenantId}
              sourceTenantId={sourceTenantId}
              begun={begun}
              acts={acts}
              open={open.has(item.id)}
              onToggle={() => toggle(item.id)}
            />
          )}
        />
      )}
    </div>
  );
}

function Row({
  item,
  tenantId,
  sourceTenantId,
  begun,
  acts,
  open,
  onToggle,
}: {
  item: RestoreItem;
  tenantId: number;
  sourceTenantId: number;
  begun: boolean;
  acts: ItemActs;
  open: boolean;
  onToggle: () => void;
}) {
  const region = `restored-${item.id}`;
  const about = itemSummary(item, begun);
  return (
    <li className={classes.item} data-open={open || undefined}>
      <div className={classes.row}>
        <span className={classes.badge}>
          {begun ? (
            <StateBadge state={item.state} />
          ) : (
            <OutcomeBadge outcome={item.outcome} skipped={item.is_skipped} />
          )}
        </span>
        <span className={classes.words}>
          <button
            type="button"
            className={classes.name}
            aria-expanded={open}
            aria-controls={open ? region : undefined}
            onClick={onToggle}
          >
            <IconChevronRight size={14} aria-hidden className={classes.chevron} />
            <span>{item.display_name}</span>
          </button>
          {about ? (
            <span className={classes.about} data-tone={about.tone}>
              {about.text}
            </span>
          ) : null}
        </span>
        {acts.changeItems ? <ModeSelect item={item} changeItems={acts.changeItems} /> : null}
      </div>
      {open ? (
        <section className={classes.details} id={region} aria-label={`Plan for ${item.display_name}`}>
          <ItemDetails
            item={item}
            tenantId={tenantId}
            sourceTenantId={sourceTenantId}
            begun={begun}
            acts={acts}
          />
        </section>
      ) : null}
    </li>
  );
}

const skipValue = "skip";
const choices = [
  ...itemModes.map((mode) => ({ value: mode as string, label: modeWords[mode].label })),
  { value: skipValue, label: "Leave out" },
];

function changeOf(value: string) {
  const mode = itemModes.find((known) => known === value);
  return mode ? { mode, is_skipped: false } : { is_skipped: true };
}

function ModeSelect({
  item,
  changeItems,
}: {
  item: RestoreItem;
  changeItems: RestoreActions["changeItems"];
}) {
  const { pending, run } = useAction();
  return (
    <span className={`${classes.choice} tp-no-print`}>
      <ActingSelect
        size="xs"
        label={`How to restore ${item.display_name}`}
        value={item.is_skipped ? skipValue : item.mode}
        disabled={pending}
        onChoose={(value) =>
          run(() => changeItems({ restore_id: item.restore_id, item_ids: [item.id], ...changeOf(value) }))
        }
        data={choices}
      />
    </span>
  );
}

/** Chooses for all policies that are shown at once: filtered, such as those that are blocked. */
function ChangeShown({
  items,
  changeItems,
}: {
  items: readonly RestoreItem[];
  changeItems: RestoreActions["changeItems"];
}) {
  const { pending, run } = useAction();
  return (
    <ActingSelect
      label={`How to restore all ${items.length} that are shown`}
      value=""
      disabled={pending}
      onChoose={(value) => {
        const [first] = items;
        if (!first) return;
        run(
          () =>
            changeItems({
              restore_id: first.restore_id,
              item_ids: items.map(({ id }) => id),
              ...changeOf(value),
            }),
          { success: () => toast.success(`Changed for ${policiesText(items.length)}.`) },
        );
      }}
      data={[{ value: "", label: `All ${items.length} shown…` }, ...choices]}
    />
  );
}
