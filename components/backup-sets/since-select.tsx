"use client";

import { NativeSelect } from "@mantine/core";
import { useEffect, useState } from "react";
import type { BackupSetView } from "#lib/sets/schema";
import { type Fetched, fetchJson } from "../compare/fetch-json.ts";
import { hrefOf } from "../navigation/href.ts";
import { useHourClock, useViewerZone } from "../time/clock.tsx";
import { dateTimeText } from "../time/format.ts";

/** Sets that a page of the list has, and pages that are read: a schedule hardly keeps more. */
const pageSize = 200;
const pagesMost = 5;

/** Asks since which set of the schedule changes are told. It is sent as `since_set_id`, unless none is chosen. */
export function SinceSelect({ set }: { set: BackupSetView & { previous_set_id: number | null } }) {
  const zone = useViewerZone();
  const clock = useHourClock();
  const { sets, problem } = useOtherSets(set);
  const [chosen, setChosen] = useState("");
  return (
    <>
      <NativeSelect
        label="Changes since"
        description={problem}
        value={chosen}
        onChange={(event) => setChosen(event.currentTarget.value)}
        data={[
          { value: "", label: "Do not tell changes" },
          ...sets.map(({ id, created_at }) => ({
            value: String(id),
            label: `Set ${id}, ${dateTimeText(created_at, zone, clock)}${id === set.previous_set_id ? ", the one before" : ""}`,
          })),
        ]}
      />
      {/* Left out of what is sent unless one is chosen: an empty id is none. */}
      <input type="hidden" name="since_set_id" value={chosen} disabled={chosen === ""} />
    </>
  );
}

/** The other kept sets of the set's schedule, the newest first. */
function useOtherSets({ tenant_id, backup_schedule_id, id }: BackupSetView) {
  const [sets, setSets] = useState<readonly BackupSetView[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const read = async () => {
      let cursor: string | undefined;
      for (let page = 0; page < pagesMost; page += 1) {
        const query = { schedule_id: backup_schedule_id, limit: pageSize, cursor };
        const found: Fetched<BackupSetView[]> = await fetchJson<BackupSetView[]>(
          hrefOf(`/api/tenants/${tenant_id}/backup-sets`, query),
          abort.signal,
        );
        if (abort.signal.aborted) return;
        if (!found.ok) {
          setProblem(found.message);
          return;
        }
        setSets((before) => [...before, ...found.data.filter((each) => each.id !== id)]);
        if (found.next === null) return;
        cursor = found.next;
      }
    };
    setSets([]);
    read();
    return () => abort.abort();
  }, [tenant_id, backup_schedule_id, id]);
  return { sets, problem };
}
