import { beforeAll, expect, test } from "vitest";
import type { Actor } from "#lib/access/actor";
import { createPlatformTarget, updatePlatformTarget } from "#lib/platform/alert-targets";
import { withWorld } from "#lib/testing/world";
import { createAlertTarget, listAlertTargets, updateAlertTarget } from "./targets.ts";

const world = withWorld({ policies: 1 });
let administrator: Actor;

beforeAll(async () => {
  const { rows } = await world.admin.query(
    `INSERT INTO users (email, name, password_hash, is_platform_admin) VALUES ('op@platform.example', 'Op', 'none', true)
     RETURNING id`,
  );
  administrator = { kind: "user", user_id: rows[0].id };
});

const target = { kind: "email" as const, name: "Night shift", recipients: ["night@example.com"] };

test("of two people who change a target, the second is told, and takes nothing back", async () => {
  const { id, actors } = world.tenant;
  const { id: target_id, updated_at } = await createAlertTarget(actors.manager, id, { target });
  const asRead = { target_id, updated_at };
  const recipients = ["night@example.com", "deputy@example.com"];
  const theirs = await updateAlertTarget(actors.manager, id, { ...asRead, recipients });
  const conflict = { code: "EDIT_CONFLICT" };
  for (const change of [
    { recipients: ["chief@example.com"] },
    { name: "Day shift" },
    { is_enabled: false },
  ]) {
    const second = updateAlertTarget(actors.owner, id, { ...asRead, ...change });
    await expect(second).rejects.toMatchObject(conflict);
  }
  const stored = await listAlertTargets(actors.owner, id, {});
  expect(stored.find((each) => each.id === target_id)).toEqual(theirs);
  // Who has read it since may; so may who does not say what they read.
  const again = { target_id, updated_at: theirs.updated_at, name: "Day shift" };
  expect(await updateAlertTarget(actors.owner, id, again)).toMatchObject({ name: "Day shift", recipients });
  await updateAlertTarget(actors.owner, id, { target_id, name: "Night shift" });

  const ofPlatform = await createPlatformTarget(administrator, { target });
  const rename = (name: string) =>
    updatePlatformTarget(administrator, {
      target_id: ofPlatform.id,
      updated_at: ofPlatform.updated_at,
      name,
    });
  await rename("Watch");
  await expect(rename("Operators")).rejects.toMatchObject(conflict);
  const { rows } = await world.admin.query(
    "SELECT details FROM audit_log WHERE action = 'alert_target.updated'",
  );
  expect(rows.map(({ details }) => "updated_at" in details)).toEqual([false, false, false, false]);
});
