import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Receiver, startReceiver } from "#lib/testing/receiver";
import { withWorld } from "#lib/testing/world";
import {
  createAlertTarget,
  listAlertTargets,
  rotateSigningSecret,
  testAlertTarget,
  updateAlertTarget,
} from "./targets.ts";

const world = withWorld();
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  process.env.ALERT_PRIVATE_NETWORKS = "127.0.0.0/8, ::1/128";
});
afterAll(() => receiver?.stop());

test("a target whose secret no key opens says what to do, and works when its address is entered again", async () => {
  const { id, actors } = world.tenant;
  const target = {
    kind: "webhook" as const,
    name: "PSA",
    url: `${receiver.url}/old`,
    authorization: "Bearer t0p",
  };
  const { id: target_id } = await createAlertTarget(actors.owner, id, { target });
  await world.admin.query("UPDATE alert_targets SET secret_ciphertext = 'lost' WHERE id = $1", [target_id]);
  const remedy = { code: "CONFLICT", message: expect.stringContaining("Enter its address again") };
  await expect(testAlertTarget(actors.owner, id, { target_id })).rejects.toMatchObject(remedy);
  await expect(rotateSigningSecret(actors.owner, id, { target_id })).rejects.toMatchObject(remedy);
  const half = updateAlertTarget(actors.owner, id, { target_id, authorization: "Bearer t1p" });
  await expect(half).rejects.toMatchObject({ code: "VALIDATION_FAILED", errors: [{ path: "url" }] });
  // What has to do with no secret stays possible.
  await updateAlertTarget(actors.owner, id, { target_id, name: "The PSA", is_enabled: false });

  const url = `${receiver.url}/new`;
  await updateAlertTarget(actors.owner, id, { target_id, url, is_enabled: true });
  const all = await listAlertTargets(actors.owner, id, {});
  expect(all.find((each) => each.id === target_id)).toMatchObject({ name: "The PSA", is_enabled: true });
  const { signing_secret, previous_until } = await rotateSigningSecret(actors.owner, id, {
    target_id,
    overlap_hours: 0,
  });
  expect(previous_until).toBeNull();
  expect(await testAlertTarget(actors.owner, id, { target_id })).toMatchObject({ ok: true, status: 200 });
  const [got] = receiver.got;
  expect(got?.path).toBe("/new");
  expect(got?.headers.authorization).toBeUndefined();
  new Webhook(signing_secret).verify(got?.body ?? "", got?.headers as Record<string, string>);
});
