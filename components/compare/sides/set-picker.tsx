"use client";

import { Button, Combobox, Loader, TextInput, useCombobox } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useCallback, useEffect, useState } from "react";
import { useKeptFocus } from "#components/feedback/use-kept-focus.ts";
import { hrefOf } from "#components/navigation/href.ts";
import { useHourClock, useViewerZone } from "#components/time/clock";
import { dateTimeText, offsetLabel } from "#components/time/format.ts";
import type { HourClock } from "#lib/access/preferences-schema";
import type { BackupSetView } from "#lib/sets/schema";
import { fetchJson } from "../fetch-json.ts";
import classes from "./set-picker.module.css";
import { afterPage, nothingRead, type SetsLeft } from "./sets-left.ts";

const pageSize = 200;

/** A tenant's kept sets under their schedules, newest first, to choose one of; found by words or number. */
export function SetPicker({
  tenantId,
  scheduleId,
  currentSetId,
  otherSetId,
  onChoose,
}: {
  tenantId: number;
  scheduleId?: number | undefined;
  currentSetId: number | null;
  /** Stands on the other side of the comparison: a set with itself says nothing. */
  otherSetId: number | null;
  onChoose: (setId: number) => void;
}) {
  const zone = useViewerZone();
  const clock = useHourClock();
  // The list is always there: what opens and closes is the popover around it.
  const combobox = useCombobox({ opened: true });
  const { sets, isMore, problem, loading, loadMore } = useSets(tenantId, scheduleId);
  const [search, setSearch] = useState("");
  const groups = grouped(sets, search, { zone, clock }, scheduleId);
  const { selectFirstOption } = combobox;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its first option
  useEffect(() => {
    selectFirstOption();
  }, [search, sets.length]);
  return (
    <Combobox store={combobox} onOptionSubmit={(value) => onChoose(Number(value))}>
      <Combobox.EventsTarget withExpandedAttribute>
        <TextInput
          className={classes.search}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          placeholder="Schedule, date or number"
          aria-label="Search sets"
          data-autofocus
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={loading ? <Loader size={14} /> : null}
        />
      </Combobox.EventsTarget>
      <Combobox.Options aria-label="Backup sets" className={classes.options}>
        {groups.map(({ id, name, sets: ofSchedule }) => (
          <Combobox.Group key={id} label={name}>
            {ofSchedule.map((set) => (
              <Combobox.Option
                key={set.id}
                value={String(set.id)}
                active={set.id === currentSetId}
                disabled={set.id === otherSetId}
                className={classes.option}
              >
                <span className={classes.id}>Set {set.id}</span>
                <span className={classes.made}>
                  {dateTimeText(set.created_at, zone, clock)}{" "}
                  {offsetLabel(new Date(set.created_at).getTime(), zone)}
                </span>
                <span className={classes.detail}>
                  {set.id === currentSetId
                    ? "Chosen"
                    : set.id === otherSetId
                      ? "The other side"
                      : set.status === "partial"
                        ? "Partial"
                        : ""}
                </span>
              </Combobox.Option>
            ))}
          </Combobox.Group>
        ))}
        {groups.length === 0 && !loading && problem === null ? (
          <Combobox.Empty>{search ? "No set matches" : "No backup set yet"}</Combobox.Empty>
        ) : null}
      </Combobox.Options>
      {isMore && (sets.length > 0 || !loading) ? (
        <div className={classes.more}>
          {problem === null ? null : <span role="alert">{problem}</span>}
          <Button size="compact-sm" variant="default" loading={loading} onClick={loadMore}>
            {problem === null ? "Load older sets" : "Try again"}
          </Button>
        </div>
      ) : null}
    </Combobox>
  );
}

/** The sets of the schedule, if one is named, and the tenant's newest; older ones on demand. */
function useSets(tenantId: number, scheduleId: number | undefined) {
  const [sets, setSets] = useState<readonly BackupSetView[]>([]);
  const [own, setOwn] = useState<SetsLeft>(
    scheduleId === undefined ? { rest: null, problem: null } : nothingRead,
  );
  const [all, setAll] = useState(nothingRead);
  const [loading, setLoading] = useState(true);
  const holdFocus = useKeptFocus(loading);
  const read = useCallback(
    async (params: Record<string, string | number | undefined>) => {
      const path = `/api/tenants/${tenantId}/backup-sets`;
      const page = await fetchJson<BackupSetView[]>(hrefOf(path, { limit: pageSize, ...params }));
      if (page.ok) setSets((before) => merged(before, page.data));
      return page;
    },
    [tenantId],
  );
  /** The first page of the schedule alone: the older ones come with those of all. */
  const readOwn = useCallback(async () => {
    const page = await read({ schedule_id: scheduleId });
    setOwn((before) => afterPage(before, page.ok ? { ...page, next: null } : page));
  }, [read, scheduleId]);
  const readAll = useCallback(
    async (cursor: string | undefined) => {
      const page = await read({ cursor });
      setAll((before) => afterPage(before, page));
    },
    [read],
  );
  useEffect(() => {
    Promise.all([scheduleId === undefined ? null : readOwn(), readAll(undefined)]).then(() =>
      setLoading(false),
    );
  }, [readOwn, readAll, scheduleId]);
  const loadMore = async () => {
    holdFocus();
    setLoading(true);
    await Promise.all([own.rest && readOwn(), all.rest && readAll(all.rest.cursor)]);
    setLoading(false);
  };
  return {
    sets,
    isMore: own.rest !== null || all.rest !== null,
    problem: own.problem ?? all.problem,
    loading,
    loadMore,
  };
}

function merged(before: readonly BackupSetView[], more: readonly BackupSetView[]): BackupSetView[] {
  const byId = new Map([...before, ...more].map((set) => [set.id, set]));
  return [...byId.values()].sort((a, b) => b.id - a.id);
}

/** Sets under their schedules' names; those of `first` on top. */
function grouped(
  sets: readonly BackupSetView[],
  search: string,
  { zone, clock }: { zone: string; clock: HourClock },
  first: number | undefined,
): { id: number; name: string; sets: BackupSetView[] }[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  // From the beginning of a word: `12` is set 12, and not what was made at 00:12.
  const matching = sets.filter((set) => {
    const has = `${set.schedule_name} set ${set.id} ${dateTimeText(set.created_at, zone, clock)}`
      .toLowerCase()
      .split(/[\s,]+/);
    return words.every((word) => has.some((each) => each.startsWith(word)));
  });
  return [...Map.groupBy(matching, (set) => set.backup_schedule_id)]
    .sort(([a], [b]) => Number(b === first) - Number(a === first))
    .map(([id, ofSchedule]) => ({ id, name: ofSchedule[0]?.schedule_name ?? "", sets: ofSchedule }));
}
