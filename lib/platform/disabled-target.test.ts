import { afterAll, beforeAll, expect, test } from "vitest";
import { type Actor, alertsActor } from "#lib/access/actor";
import { routeAlert } from "#lib/alerts/route";
import { deliverAlert } from "#lib/delivery/deliver";
import { raise } from "#lib/testing/raise";
import { type Receiver, startReceiver } from "#lib/testing/receiver";
import { withWorld } from "#lib/testing/world";
import { listPlatformDeliveries } from "./alert-deliveries.ts";
import { createPlatformRule } from "./alert-rules.ts";
import { createPlatformTarget, listPlatformTargets } from "./alert-targets.ts";

const world = withWorld({ policies: 1 });
let receiver: Receiver;
let administrator: Actor;

beforeAll(async () => {
  receiver = await startReceiver();
  process.env.ALERT_PRIVATE_NETWORKS = "127.0.0.0/8, ::1/128";
  const { rows } = await world.admin.query(
    `INSERT INTO users (email, name, password_hash, is_platform_admin) VALUES ('op@platform.example', 'Op', 'none', true)
     RETURNING id`,
  );
  administrator = { kind: "user", user_id: rows[0].id };
});
afterAll(() => receiver?.stop());

/** A target of the platform, with a rule that sends it warnings. */
async function target(name: string, url: string): Promise<number> {
  const { id: target_id } = await createPlatformTarget(administrator, {
    target: { kind: "webhook", name, url },
  });
  await createPlatformRule(administrator, { target_id });
  return target_id;
}

/** Routes and delivers what waits, and gives what the receiver got. */
async function work(): Promise<{ type: string; data: Record<string, unknown> }[]> {
  const events = await world.admin.query(
    "SELECT tenant_id, id::int AS event_id FROM alert_events WHERE routed_at IS NULL ORDER BY id",
  );
  for (const event of events.rows) await routeAlert(alertsActor, event);
  const { rows } = await world.admin.query(
    "SELECT tenant_id, id::int AS delivery_id FROM alert_deliveries WHERE state = 'pending' AND next_at <= now() ORDER BY id",
  );
  for (const delivery of rows) await deliverAlert(delivery);
  return receiver.got.splice(0).map(({ body }) => JSON.parse(body));
}

test("one of the platform's targets that takes nothing for days is disabled, which another one of them tells", async () => {
  await target("PSA", `${receiver.url}/psa`);
  // Nobody listens there.
  const pager = await target("Pager", "https://localhost:1/");
  await raise({
    kind: "run.failed",
    cause: "schedule:1:backup",
    tenant_id: world.tenant.id,
    title: "Backup failed",
    body: "",
    link: null,
  });
  expect((await work()).map(({ type }) => type)).toEqual(["run.failed"]);
  await world.admin.query(
    "UPDATE alert_targets SET failing_since = now() - interval '73 hours' WHERE failing_since IS NOT NULL",
  );
  await world.admin.query(
    "UPDATE alert_deliveries SET next_at = date_trunc('milliseconds', now()) WHERE state = 'pending'",
  );
  expect(await work()).toEqual([]);
  const targets = await listPlatformTargets(administrator, {});
  expect(targets.find(({ id }) => id === pager)).toMatchObject({
    is_enabled: false,
    disabled_reason: expect.stringContaining("Nothing was delivered for 72 hours"),
  });
  const told = await work();
  expect(told).toMatchObject([
    {
      type: "target.disabled",
      data: {
        title: "Alert target disabled",
        body: expect.stringContaining('"Pager" gets no more alerts.'),
        tenant_id: null,
        incident_id: null,
      },
    },
  ]);
  const { items } = await listPlatformDeliveries(administrator, { limit: 1 });
  expect(items).toMatchObject([{ kind: "target.disabled", state: "delivered", tenant_id: null }]);
});
