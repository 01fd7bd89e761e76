import { z } from "zod";
import { platformOperation } from "#lib/operation";
import { dispatchedRunView } from "./dispatch.ts";
import { dueSchedules } from "./due.ts";
import { planDispatch, skippedForActiveRun } from "./plan-dispatch.ts";

/** What a tick would do, without doing it: the runs it would create, their ids 0. */
export const previewDispatch = platformOperation({
  name: "schedule.preview_dispatch",
  permission: "dispatch:tick",
  input: z.strictObject({
    batch: z.int().min(1).max(20_000).default(20_000),
    at: z.iso.datetime().optional(),
  }),
  output: z.array(dispatchedRunView),
  async run({ db }, { batch, at }) {
    const due = await dueSchedules(db, { batch, at: at ?? null, claim: false });
    const active = await db.$queryRaw<{ backup_schedule_id: number }[]>`
      SELECT backup_schedule_id FROM backup_schedule_runs
      WHERE status = 'running' AND backup_schedule_id = ANY(${due.map((schedule) => schedule.id)}::int[])`;
    const busy = new Set(active.map((run) => run.backup_schedule_id));
    const planned = planDispatch(due).runs.map((run) =>
      run.status === "running" && busy.has(run.backup_schedule_id) ? skippedForActiveRun(run) : run,
    );
    return planned.map((run) => ({
      id: 0,
      tenant_id: run.tenant_id,
      backup_schedule_id: run.backup_schedule_id,
      scheduled_for: run.scheduled_for,
      status: run.status,
    }));
  },
});
