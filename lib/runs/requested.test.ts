import { expect, test } from "vitest";
import { tick } from "#lib/schedules/tick";
import { updateSchedule } from "#lib/schedules/update";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { executeRun } from "./execute.ts";
import { getRun } from "./get.ts";
import { startRun } from "./start.ts";

const world = withWorld({ policies: 20 });

const before = { policy_types: ["deviceCompliancePolicy"], include_foundations: false };
const after = { policy_types: ["settingsCatalogPolicy"], include_foundations: true };

test.each(["Run now", "dispatch"] as const)(
  "an edit after %s counts from the next run on: this one captures what it was asked for, and shows it",
  async (how) => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id, before);
    let runId: number;
    if (how === "Run now") {
      runId = (await startRun(actors.operator, id, { schedule_id: schedule.id })).id;
    } else {
      await world.admin.query(
        "UPDATE backup_schedules SET next_run_at = date_trunc('milliseconds', now()) WHERE id = $1",
        [schedule.id],
      );
      expect(await tick()).toMatchObject({ started: 1 });
      const { rows } = await world.admin.query(
        "SELECT id FROM backup_schedule_runs WHERE backup_schedule_id = $1",
        [schedule.id],
      );
      runId = rows[0].id;
    }
    await updateSchedule(actors.manager, id, { schedule_id: schedule.id, changes: after });
    await executeRun(id, runId, new AbortController().signal);
    const run = await getRun(actors.readonly, id, { run_id: runId });
    expect(run).toMatchObject({ status: "success", requested: before });
    expect(Object.keys(run.summary.types ?? {})).toEqual(["deviceCompliancePolicy"]);
    expect(run.summary.foundations).toEqual({});

    const next = await startRun(actors.operator, id, { schedule_id: schedule.id });
    expect(await getRun(actors.readonly, id, { run_id: next.id })).toMatchObject({ requested: after });
  },
);
