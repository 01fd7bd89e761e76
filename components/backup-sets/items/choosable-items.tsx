"use client";

import { Button } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { fetchJson } from "#components/compare/fetch-json.ts";
import { RowCheckbox } from "#components/data-table/row-checkbox";
import type { BaselineActions } from "#components/drift/actions.ts";
import { BaselineButton } from "#components/drift/baseline-button";
import type { BaselineChoice } from "#components/drift/baseline-dialog";
import { toast } from "#components/feedback/toast.ts";
import { useKeptFocus } from "#components/feedback/use-kept-focus.ts";
import { hrefOf } from "#components/navigation/href.ts";
import { ChosenBar } from "#components/restore/start/chosen-bar";
import type { ChosenPolicy, RestoreStart } from "#components/restore/start/restore-start.ts";
import { type Chosen, useChosen } from "#components/restore/start/use-chosen.ts";
import { pageSizes, restoreItemsMost } from "#lib/limits";
import type { BackupItemView } from "#lib/sets/schema";
import classes from "./item-list.module.css";
import { ItemList } from "./item-list.tsx";
import { readFirst } from "./read-first.ts";

/** A set's items, of which some can be chosen and restored. */
export function ChoosableItems({
  items,
  setHref,
  setId,
  total,
  filter,
  start,
  baseline,
  empty,
}: {
  items: readonly BackupItemView[];
  setHref: string;
  setId: number;
  /** Items of the set; null where a filter hides some. */
  total: number | null;
  /** Of the list that is shown. */
  filter: { search: string | undefined; policy_type: string | undefined };
  start: RestoreStart;
  /** Null for roles that may not choose a baseline. */
  baseline: { choice: BaselineChoice; set: BaselineActions["set"] } | null;
  /** In place of the items when there is none: what is chosen stays chosen. */
  empty: ReactNode;
}) {
  const chosen = useChosen();
  const shown = items.filter((item) => !chosen.has(item));
  return (
    <>
      {items.length === 0 ? (
        empty
      ) : (
        <>
          <div className={`${classes.choose} tp-no-print`}>
            <RowCheckbox
              id="choose-shown"
              aria-label="Choose all that are shown"
              checked={items.length > 0 && shown.length === 0}
              indeterminate={shown.length > 0 && shown.length < items.length}
              onChange={() =>
                shown.length === 0 ? chosen.remove(items.map(policyOf)) : chosen.add(shown.map(policyOf))
              }
            />
            <label htmlFor="choose-shown">Choose policies to restore them</label>
            {total === null || total > items.length ? (
              <ChooseAll
                // What is read for one filter is not chosen under another.
                key={hrefOf(setHref, filter)}
                setHref={setHref}
                filter={filter}
                total={total}
                chosen={chosen}
              />
            ) : null}
          </div>
          <ItemList
            items={items}
            setHref={setHref}
            before={(item) => (
              <RowCheckbox
                aria-label={`Choose ${item.display_name}`}
                checked={chosen.has(item)}
                onChange={() => chosen.toggle(policyOf(item))}
              />
            )}
          />
        </>
      )}
      <ChosenBar start={start} setId={setId} chosen={chosen}>
        {baseline && chosen.policies.length <= restoreItemsMost ? (
          <BaselineButton
            size="xs"
            choice={{ ...baseline.choice, setId, items: chosen.policies }}
            set={baseline.set}
          >
            Make them the baseline…
          </BaselineButton>
        ) : null}
      </ChosenBar>
    </>
  );
}

/** Chooses what is on the other pages of the list, too, as far as it can be restored at once. */
function ChooseAll({
  setHref,
  filter,
  total,
  chosen,
}: {
  setHref: string;
  filter: { search: string | undefined; policy_type: string | undefined };
  total: number | null;
  chosen: Chosen;
}) {
  const [reading, setReading] = useState(false);
  const holdFocus = useKeptFocus(reading);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const choose = async () => {
    abort.current = new AbortController();
    const { signal } = abort.current;
    holdFocus();
    setReading(true);
    const read = (cursor: string) =>
      fetchJson<BackupItemView[]>(
        hrefOf(`/api${setHref}/items`, { limit: pageSizes.most, ...filter, cursor }),
        signal,
      );
    const found = await readFirst(read, restoreItemsMost);
    if (signal.aborted) return;
    setReading(false);
    if (!found.ok)
      return toast.problem({
        type: "about:blank",
        title: "Not chosen",
        status: 503,
        code: "UNAVAILABLE",
        detail: found.message,
      });
    chosen.add(found.items.map(policyOf));
    if (found.hasMore)
      toast.info(
        `The first ${restoreItemsMost} are chosen: no more can be restored at once, and there are others.`,
      );
  };
  return (
    <Button size="compact-xs" variant="default" loading={reading} onClick={choose}>
      {total === null
        ? "Choose all that match"
        : total > restoreItemsMost
          ? `Choose the first ${restoreItemsMost}`
          : `Choose all ${total}`}
    </Button>
  );
}

function policyOf({ policy_type, graph_id, display_name }: BackupItemView): ChosenPolicy {
  return { policy_type, graph_id, display_name };
}
