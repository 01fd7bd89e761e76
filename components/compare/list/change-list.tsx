"use client";

import { Button } from "@mantine/core";
import { IconArrowsDiagonal, IconChevronRight } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { type ReactNode, useRef, useState } from "react";
import tableClasses from "#components/data-table/data-table.module.css";
import { RowCheckbox } from "#components/data-table/row-checkbox";
import { Keys } from "#components/keyboard/keys";
import { useShortcutsEnabled } from "#components/keyboard/shortcuts-enabled";
import { useNeighborKeys } from "#components/keyboard/use-neighbor-keys.ts";
import { Link } from "#components/navigation/link";
import { TypeGroups } from "#components/policies/type-groups";
import { ChosenBar } from "#components/restore/start/chosen-bar";
import type { ChosenPolicy, RestoreStart } from "#components/restore/start/restore-start.ts";
import { StartRestoreButton } from "#components/restore/start/start-restore-button";
import { type Chosen, useChosen } from "#components/restore/start/use-chosen.ts";
import type { ComparisonRow, ItemChange } from "#lib/compare/schema";
import type { PolicyAuthor } from "../author-text.ts";
import { ChangeBadge } from "../change-marks.tsx";
import { ChangedBy, type NewerSet } from "../changed-by.tsx";
import { type ItemAt, itemCompareHref, itemHref } from "../compare-links.ts";
import { otherNameText } from "../compare-words.ts";
import classes from "./change-list.module.css";

const LoadedDiff = dynamic(async () => (await import("../policy/loaded-diff.tsx")).LoadedDiff);

/** A compared policy, and who changed it if the tenant's audit log tells. */
export interface ChangeListRow extends ComparisonRow {
  changedBy?: readonly PolicyAuthor[];
}

interface SideOfList {
  tenant_id: number;
  set_id: number;
}

/** Compared policies under the headings of their types. A changed one unfolds its differences in place. */
export function ChangeList({
  rows,
  left,
  right,
  newer,
  labels,
  params,
  toolbar,
  empty,
  start,
}: {
  rows: readonly ChangeListRow[];
  left: SideOfList;
  right: SideOfList;
  newer: NewerSet;
  labels: Record<ItemChange, string>;
  /** The filter of the list, so that a policy's own page can walk on within it. */
  params: Record<string, string | undefined>;
  /** Search and filters, in line with what the list itself offers. */
  toolbar?: ReactNode;
  /** In place of the policies when there is none: below the toolbar, which stays what it is while somebody types in it. */
  empty: ReactNode;
  /** From the left side, what it holds can be restored; null for roles that may not. */
  start: RestoreStart | null;
}) {
  const shortcutsEnabled = useShortcutsEnabled();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const chosen = useChosen();
  const root = useRef<HTMLDivElement>(null);
  useNeighborKeys((direction) => focusNeighbor(root.current, direction));
  const changed = rows.filter((row) => row.change === "changed").map(keyOf);
  const allOpen = changed.length > 0 && changed.every((key) => open.has(key));
  const toggle = (key: string) =>
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  return (
    <div ref={root}>
      <div className={tableClasses.toolbar}>
        {toolbar}
        {changed.length > 1 ? (
          <div className={classes.tools}>
            {shortcutsEnabled ? (
              <span className={classes.keys}>
                <Keys of={["j"]} /> and <Keys of={["k"]} /> move, <Keys of={["Enter"]} /> opens
              </span>
            ) : null}
            <Button variant="default" onClick={() => setOpen(allOpen ? new Set() : new Set(changed))}>
              {allOpen ? "Close all" : `Open all ${changed.length}`}
            </Button>
          </div>
        ) : null}
      </div>
      {rows.length === 0 ? (
        empty
      ) : (
        <TypeGroups
          rows={rows}
          idPrefix="compared"
          item={(row) => (
            <Row
              key={keyOf(row)}
              row={row}
              left={row.left && { ...left, item_id: row.left.item_id }}
              right={row.right && { ...right, item_id: row.right.item_id }}
              newer={newer}
              label={labels[row.change]}
              params={params}
              open={open.has(keyOf(row))}
              onToggle={() => toggle(keyOf(row))}
              restore={start && { start, chosen }}
            />
          )}
        />
      )}
      {start ? <ChosenBar start={start} setId={left.set_id} chosen={chosen} /> : null}
    </div>
  );
}

function Row({
  row,
  left,
  right,
  newer,
  label,
  params,
  open,
  onToggle,
  restore,
}: {
  row: ChangeListRow;
  left: ItemAt | null;
  right: ItemAt | null;
  newer: NewerSet;
  label: string;
  params: Record<string, string | undefined>;
  open: boolean;
  onToggle: () => void;
  restore: { start: RestoreStart; chosen: Chosen } | null;
}) {
  const old: ChosenPolicy | null =
    row.left && row.change !== "unchanged" ? oldOf(row.policy_type, row.left) : null;
  const region = `diff-${left?.item_id}-${right?.item_id}`;
  const differs = row.change === "changed" && left && right;
  const only = right ?? left;
  const otherName =
    row.left && row.right && left && right
      ? otherNameText(row.left.display_name, row.right.display_name, left.tenant_id !== right.tenant_id)
      : null;
  return (
    <li className={classes.item} data-open={open || undefined}>
      <div className={classes.row} data-choosable={restore !== null || undefined}>
        {restore && old ? (
          <span className={classes.choose}>
            <RowCheckbox
              aria-label={`Choose ${row.display_name} to restore it`}
              checked={restore.chosen.has(old)}
              onChange={() => restore.chosen.toggle(old)}
            />
          </span>
        ) : restore ? (
          <span className={classes.noChoice} />
        ) : null}
        <span className={classes.badge}>
          <ChangeBadge change={row.change} label={label} />
        </span>
        <span className={classes.words}>
          {differs ? (
            <button
              type="button"
              className={classes.name}
              data-main
              aria-expanded={open}
              aria-controls={open ? region : undefined}
              onClick={onToggle}
            >
              <IconChevronRight size={14} aria-hidden className={classes.chevron} />
              <span>{row.display_name}</span>
            </button>
          ) : only ? (
            <Link className={classes.name} data-main href={itemHref(only)} scroll={false}>
              <span className={classes.noChevron} />
              <span>{row.display_name}</span>
            </Link>
          ) : null}
          {otherName || row.changedBy?.length ? (
            <span className={classes.detail}>
              {otherName ? <span>{otherName.charAt(0).toUpperCase() + otherName.slice(1)}</span> : null}
              {row.changedBy?.length ? <ChangedBy by={row.changedBy} newer={newer} /> : null}
            </span>
          ) : null}
        </span>
        {differs ? (
          <Link
            className={classes.page}
            href={itemCompareHref(left, right, params)}
            aria-label={`Open the differences of ${row.display_name} on a page of their own`}
            title="Open on a page of its own"
          >
            <IconArrowsDiagonal size={16} aria-hidden />
          </Link>
        ) : null}
      </div>
      {differs && open ? (
        <section className={classes.diff} id={region} aria-label={`Differences of ${row.display_name}`}>
          {restore && old ? (
            <p className={classes.restore}>
              <StartRestoreButton
                start={restore.start}
                setId={left.set_id}
                policies={[old]}
                size="xs"
                label={`Restore the version of set ${left.set_id}: ${old.display_name}`}
              >
                Restore the version of set {left.set_id}…
              </StartRestoreButton>
            </p>
          ) : null}
          <LoadedDiff left={left} right={right} />
        </section>
      ) : null}
    </li>
  );
}

function oldOf(
  policy_type: string,
  { graph_id, display_name }: NonNullable<ComparisonRow["left"]>,
): ChosenPolicy {
  return { policy_type, graph_id, display_name };
}

function keyOf(row: ComparisonRow): string {
  return `${row.left?.item_id ?? ""}-${row.right?.item_id ?? ""}`;
}

/** Moves the focus to the next or the previous policy of the list; from elsewhere, to the first. */
function focusNeighbor(root: HTMLElement | null, direction: "next" | "previous"): boolean {
  const mains = [...(root?.querySelectorAll<HTMLElement>("[data-main]") ?? [])];
  const item = document.activeElement?.closest("li");
  const at = mains.findIndex((main) => item?.contains(main));
  const target = mains[at === -1 ? 0 : at + (direction === "next" ? 1 : -1)];
  target?.focus();
  target?.closest("li")?.scrollIntoView({ block: "nearest" });
  return target !== undefined;
}
