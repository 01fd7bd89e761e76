import { expect, test } from "vitest";
import { kindsFor } from "#lib/notifications/kinds";
import { listNotifications } from "#lib/notifications/list";
import { updateSchedule } from "#lib/schedules/update";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { executeRun } from "./execute.ts";
import { getRun } from "./get.ts";
import { startRun, startRuns } from "./start.ts";

const world = withWorld({ policies: 3 });

/** The kinds of what somebody was told of a run, oldest first. */
async function told(who: "operator" | "manager", runId: number): Promise<string[]> {
  const { items } = await listNotifications(world.tenant.actors[who], world.tenant.id, {});
  return items.flatMap(({ kind, data }) => (data.run_id === runId ? [kind] : [])).reverse();
}

async function started(who: "operator" | "manager"): Promise<number> {
  const { id, actors } = world.tenant;
  const policy_types = ["conditionalAccessPolicy", "deviceCompliancePolicy"];
  const schedule = await makeSchedule(actors.manager, id, { policy_types });
  const run = await startRun(actors[who], id, { schedule_id: schedule.id });
  await executeRun(id, run.id, new AbortController().signal);
  return run.id;
}

test("who starts a run is told how it ended, whatever their role, and nobody is told twice", async () => {
  expect(await told("operator", await started("operator"))).toEqual(["run.started", "run.ended"]);
  world.sandbox
    .tenant(world.tenant.sandbox.entraTenantId)
    .setPermissions(["DeviceManagementConfiguration.Read.All"]);
  const broken = await started("operator");
  expect(await told("operator", broken)).toEqual(["run.started", "run.ended"]);
  expect(await told("manager", broken)).toEqual(["run.partial"]);
  expect(await told("manager", await started("manager"))).toEqual(["run.started", "run.partial"]);
  world.sandbox.reset();
});

test("of many that were started at once, success is not told one by one", async () => {
  const { id, actors } = world.tenant;
  const schedules = [await makeSchedule(actors.manager, id), await makeSchedule(actors.manager, id)];
  const { results } = await startRuns(actors.operator, id, { schedule_ids: schedules.map((one) => one.id) });
  for (const { run_id } of results) {
    await executeRun(id, run_id ?? 0, new AbortController().signal);
    expect(await told("operator", run_id ?? 0)).toEqual([]);
  }
});

test("a run that finds no policy is told apart from a backup, unless its schedule says that it may", async () => {
  const { id, actors } = world.tenant;
  // The sandbox never makes any.
  const policy_types = ["inventoryPolicy"];
  const schedule = await makeSchedule(actors.manager, id, { policy_types });
  const summaryOf = async () => {
    const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
    await executeRun(id, run.id, new AbortController().signal);
    const { status, summary } = await getRun(actors.readonly, id, { run_id: run.id });
    return { status, empty: summary.empty };
  };
  expect(await summaryOf()).toEqual({ status: "success", empty: true });
  await updateSchedule(actors.manager, id, { schedule_id: schedule.id, changes: { may_be_empty: true } });
  expect(await summaryOf()).toEqual({ status: "success", empty: undefined });
});

test("who was removed while their run was under way hears nothing of it, and the run ends", async () => {
  const { id, actors } = world.tenant;
  const { user_id } = actors.operator;
  const schedule = await makeSchedule(actors.manager, id, { policy_types: ["inventoryPolicy"] });
  const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
  const membership = [id, user_id];
  await world.admin.query("DELETE FROM memberships WHERE tenant_id = $1 AND user_id = $2", membership);
  try {
    await executeRun(id, run.id, new AbortController().signal);
    expect(await getRun(actors.readonly, id, { run_id: run.id })).toMatchObject({ status: "success" });
  } finally {
    const again = "INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'operator')";
    await world.admin.query(again, membership);
  }
  expect(await told("operator", run.id)).toEqual(["run.started"]);
});

test("each role is offered the kinds that can come to it", () => {
  expect(kindsFor("readonly")).toEqual([]);
  expect(kindsFor("operator")).toContain("run.ended");
  expect(kindsFor("operator")).not.toContain("run.failed");
  expect(kindsFor("manager")).toContain("run.failed");
});
