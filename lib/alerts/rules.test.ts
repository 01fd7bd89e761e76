import { beforeAll, expect, test } from "vitest";
import type { Actor } from "#lib/access/actor";
import { listDeliveries } from "#lib/delivery/deliveries";
import { createAlertTarget } from "#lib/delivery/targets";
import { listPlatformDeliveries } from "#lib/platform/alert-deliveries";
import { createPlatformRule, updatePlatformRule } from "#lib/platform/alert-rules";
import { createPlatformTarget } from "#lib/platform/alert-targets";
import { deleteSchedule } from "#lib/schedules/delete";
import { makeSchedule } from "#lib/testing/schedules";
import { until, withWorld } from "#lib/testing/world";
import { createAlertRule, removeAlertRule, updateAlertRule } from "./rules.ts";

const world = withWorld({ policies: 1 });
/** An integer that no id of ours can be. */
const beyondIds = 3_000_000_000;
let administrator: Actor;

beforeAll(async () => {
  const { rows } = await world.admin.query(
    `INSERT INTO users (email, name, password_hash, is_platform_admin) VALUES ('op@platform.example', 'Op', 'none', true)
     RETURNING id`,
  );
  administrator = { kind: "user", user_id: rows[0].id };
});

const mail = { kind: "email" as const, name: "Chief", recipients: ["chief@example.com"] };
const makeTarget = async () =>
  (await createAlertTarget(world.tenant.actors.manager, world.tenant.id, { target: mail })).id;

/** Does something while another transaction holds what it needs, and commits that one once it waits. */
async function during<T>(sql: string, parameters: unknown[], work: () => Promise<T>): Promise<T> {
  const client = await world.admin.connect();
  try {
    await client.query("BEGIN");
    await client.query(sql, parameters);
    const working = work();
    // It is awaited below.
    working.catch(() => {});
    await until("it waits", async () => {
      const { rowCount } = await world.admin.query(
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      );
      return rowCount === 1;
    });
    await client.query("COMMIT");
    return await working;
  } finally {
    client.release();
  }
}

test("a rule names schedules of its tenant that are there; one that it has named before may be deleted since", async () => {
  const { id, actors } = world.tenant;
  const target_id = await makeTarget();
  const { id: own } = await makeSchedule(actors.manager, id);
  const { id: other } = await makeSchedule(actors.manager, id);
  const { id: foreign } = await makeSchedule(world.foreign.actors.manager, world.foreign.id);
  const create = (...schedule_ids: number[]) =>
    createAlertRule(actors.manager, id, { target_id, schedule_ids });
  await expect(create(beyondIds)).rejects.toMatchObject({
    code: "VALIDATION_FAILED",
    errors: [{ path: "schedule_ids.0" }],
  });
  const refused = { code: "VALIDATION_FAILED", errors: [{ path: "schedule_ids" }] };
  await expect(create(own, 2_000_000_000)).rejects.toMatchObject(refused);
  await expect(create(own, foreign)).rejects.toMatchObject(refused);

  const rule = await create(own, other);
  await deleteSchedule(actors.manager, id, { schedule_id: own });
  const update = (...schedule_ids: number[]) =>
    updateAlertRule(actors.manager, id, {
      rule_id: rule.id,
      target_id,
      least_severity: "info",
      schedule_ids,
    });
  await expect(update(own, foreign)).rejects.toMatchObject(refused);
  expect(await update(own)).toMatchObject({ least_severity: "info", schedule_ids: [own] });
  // Which it then names anew.
  await deleteSchedule(actors.manager, id, { schedule_id: other });
  await expect(update(own, other)).rejects.toMatchObject(refused);
  await expect(create(own)).rejects.toMatchObject(refused);
});

test("deliveries of a target that cannot be are refused, of a tenant and of the platform", async () => {
  const refused = { code: "VALIDATION_FAILED", errors: [{ path: "target_id" }] };
  const { id, actors } = world.tenant;
  for (const target_id of [beyondIds, 0, 1.5]) {
    await expect(listDeliveries(actors.manager, id, { target_id })).rejects.toMatchObject(refused);
    await expect(listPlatformDeliveries(administrator, { target_id })).rejects.toMatchObject(refused);
  }
  expect((await listDeliveries(actors.manager, id, { target_id: 2_147_483_647 })).items).toEqual([]);
});

test("whoever writes a rule while it or its target is being removed is told that it is not there", async () => {
  const { id, actors } = world.tenant;
  const { manager } = actors;
  const notFound = { code: "NOT_FOUND" };
  const removeTarget = "DELETE FROM alert_targets WHERE id = $1";
  const removeRule = "DELETE FROM alert_rules WHERE id = $1";

  const gone = await makeTarget();
  const creating = during(removeTarget, [gone], () => createAlertRule(manager, id, { target_id: gone }));
  await expect(creating).rejects.toMatchObject(notFound);

  const { id: ofPlatform } = await createPlatformTarget(administrator, { target: mail });
  const onPlatform = () => createPlatformRule(administrator, { target_id: ofPlatform });
  await expect(during(removeTarget, [ofPlatform], onPlatform)).rejects.toMatchObject(notFound);

  const target_id = await makeTarget();
  const make = async () => (await createAlertRule(manager, id, { target_id })).id;
  const writes: ((rule_id: number) => Promise<unknown>)[] = [
    (rule_id: number) => updateAlertRule(manager, id, { rule_id, target_id }),
    (rule_id: number) => removeAlertRule(manager, id, { rule_id }),
  ];
  for (const write of writes) {
    const rule_id = await make();
    await expect(during(removeRule, [rule_id], () => write(rule_id))).rejects.toMatchObject(notFound);
  }
  // The target, and the rule with it.
  const rule_id = await make();
  const update = () => updateAlertRule(manager, id, { rule_id, target_id });
  await expect(during(removeTarget, [target_id], update)).rejects.toMatchObject(notFound);
});

test("of two people who change a rule, the second is told of what the first has changed", async () => {
  const { id, actors } = world.tenant;
  const target_id = await makeTarget();
  const read = await createAlertRule(actors.manager, id, { target_id, kinds: ["run.failed"] });
  const { id: rule_id, created_at: _created, ...rule } = read;
  const save = (changes: Partial<typeof rule>) =>
    updateAlertRule(actors.manager, id, { ...rule, ...changes, rule_id, as_read: read });
  await save({ quiet_from: "22:00", quiet_until: "07:00" });
  await expect(save({ kinds: [] })).rejects.toMatchObject({
    code: "EDIT_CONFLICT",
    message: expect.stringContaining("quiet_from, quiet_until"),
  });

  const platformTarget = (await createPlatformTarget(administrator, { target: mail })).id;
  const ofPlatform = await createPlatformRule(administrator, { target_id: platformTarget });
  const replace = (least_severity: "info" | "critical") =>
    updatePlatformRule(administrator, {
      rule_id: ofPlatform.id,
      target_id: platformTarget,
      least_severity,
      as_read: ofPlatform,
    });
  await replace("critical");
  await expect(replace("info")).rejects.toMatchObject({ code: "EDIT_CONFLICT" });
});
