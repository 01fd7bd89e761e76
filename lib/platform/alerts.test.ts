import { afterAll, beforeAll, expect, test } from "vitest";
import { type Actor, alertsActor } from "#lib/access/actor";
import { type Alert, raiseAlerts } from "#lib/alerts/raise";
import { repeatAlerts } from "#lib/alerts/repeat";
import { resumeLostAlerts } from "#lib/alerts/resume-lost";
import { routeAlert } from "#lib/alerts/route";
import { createAlertRule } from "#lib/alerts/rules";
import { recordSecurityEvent } from "#lib/audit/security";
import { transaction } from "#lib/db/transaction";
import { type Describers, deliverAlert } from "#lib/delivery/deliver";
import { getDelivery, listDeliveries, redeliverAlert } from "#lib/delivery/deliveries";
import { loadMessage } from "#lib/delivery/load-message";
import { testMessage } from "#lib/delivery/message";
import { mailFor } from "#lib/delivery/send";
import { listAlertTargets, updateAlertTarget } from "#lib/delivery/targets";
import { lookedAfter } from "#lib/testing/looked-after";
import { type Receiver, startReceiver } from "#lib/testing/receiver";
import { withWorld } from "#lib/testing/world";
import { listPlatformDeliveries, redeliverPlatformAlert } from "./alert-deliveries.ts";
import {
  createPlatformRule,
  listPlatformRules,
  removePlatformRule,
  updatePlatformRule,
} from "./alert-rules.ts";
import {
  createPlatformTarget,
  listPlatformTargets,
  removePlatformTarget,
  rotatePlatformSecret,
  testPlatformTarget,
  updatePlatformTarget,
} from "./alert-targets.ts";
import { listPlatformLog } from "./audit-log.ts";

const world = withWorld({ policies: 1 });
let receiver: Receiver;
/** Of no tenant of this test. */
let administrator: Actor;
let target_id: number;

beforeAll(async () => {
  receiver = await startReceiver();
  Object.assign(process.env, {
    ALERT_PRIVATE_NETWORKS: "127.0.0.0/8, ::1/128",
    NEXTAUTH_URL: "https://tenantpilot.example",
  });
  const { rows } = await world.admin.query(
    `INSERT INTO users (email, name, password_hash, is_platform_admin) VALUES ('op@platform.example', 'Op', 'none', true)
     RETURNING id`,
  );
  administrator = { kind: "user", user_id: rows[0].id };
});
afterAll(() => receiver?.stop());

const secret = "Kiosk-For-Board-Members";
/** An event that says all that an event can say of what is in a tenant. */
const telling = (tenant_id: number, kind: "run.failed" | "run.recovered" = "run.failed"): Alert => ({
  kind,
  cause: `schedule:1:${secret}`,
  tenant_id,
  title: `Backup of ${secret} failed`,
  body: `"${secret}": not permitted`,
  link: `/tenants/${tenant_id}/backup-schedules/${secret}`,
  data: { schedule_name: secret, error_code: secret },
  policy_types: [secret],
});
const everywhere = () => [world.tenant.id, world.foreign.id];
/** Raises, routes and delivers, and gives what the receiver got. */
async function tell(
  ...alerts: Alert[]
): Promise<{ type: string; data: Record<string, unknown>; text: string }[]> {
  await transaction({ as: "dispatcher" }, (db) => raiseAlerts(db, alerts));
  return deliverAll();
}
async function deliverAll(describers: Describers = {}) {
  const events = await world.admin.query(
    "SELECT id, tenant_id FROM alert_events WHERE routed_at IS NULL ORDER BY id",
  );
  for (const { id, tenant_id } of events.rows)
    await routeAlert(alertsActor, { tenant_id, event_id: Number(id) });
  const { rows } = await world.admin.query(
    "SELECT id, tenant_id FROM alert_deliveries WHERE state = 'pending' ORDER BY id",
  );
  for (const { id, tenant_id } of rows)
    await deliverAlert({ tenant_id, delivery_id: Number(id) }, undefined, describers);
  return receiver.got.splice(0).map(({ body }) => ({ ...JSON.parse(body), text: body }));
}

test("one target hears of all tenants: what happened and in which, and nothing of what is in there", async () => {
  const made = await createPlatformTarget(administrator, {
    target: { kind: "webhook", name: "PSA", url: `${receiver.url}/psa` },
  });
  target_id = made.id;
  expect(made.signing_secret).toMatch(/^whsec_/);
  expect(await tell(telling(world.tenant.id))).toEqual([]);
  await tell(telling(world.tenant.id, "run.recovered"));
  await createPlatformRule(administrator, { target_id, repeat_hours: 1 });

  const got = await tell(...everywhere().map((id) => telling(id)));
  expect(got.map(({ type, data }) => [type, data.tenant_id])).toEqual(
    everywhere().map((id) => ["run.failed", id]),
  );
  const [first] = got;
  expect(first?.data).toMatchObject({
    title: "Backup failed",
    body: "A run ended without a backup set.",
    severity: "critical",
    tenant_name: expect.any(String),
    incident_id: expect.any(Number),
    details: {},
  });
  await world.admin.query("UPDATE alert_deliveries SET created_at = now() - interval '2 hours'");
  expect(await lookedAfter("repeats", () => repeatAlerts(alertsActor, {}))).toBe(2);
  const again = await deliverAll();
  expect(again.map(({ data }) => data.title)).toEqual(["Still: Backup failed", "Still: Backup failed"]);
  const ends = await tell(...everywhere().map((id) => telling(id, "run.recovered")));
  expect(ends.map(({ type, data }) => [type, data.is_end])).toEqual([
    ["run.recovered", true],
    ["run.recovered", true],
  ]);
  for (const { text } of [...got, ...again, ...ends]) expect(text).not.toContain(secret);
  expect(JSON.stringify(await listPlatformDeliveries(administrator, {}))).not.toContain(secret);
});

test("a mail of the platform's says that its rules send it, and no tenant's", async () => {
  await transaction({ as: "dispatcher" }, (db) => raiseAlerts(db, [telling(world.tenant.id)]));
  const { rows } = await world.admin.query("SELECT max(id) AS id FROM alert_events");
  const mail = async (forPlatform: boolean) => {
    const message = await transaction({ as: "dispatcher" }, (db) =>
      loadMessage(db, world.tenant.id, rows[0].id, forPlatform),
    );
    if (!message) throw new Error("the event is gone");
    return mailFor(message);
  };
  for (const text of Object.values(await mail(true)).slice(1)) {
    expect(text).toContain("a rule of the platform");
    expect(text).not.toMatch(/this tenant|your profile/);
  }
  expect((await mail(false)).text).toContain("a rule of this tenant");
  expect(mailFor(testMessage(null, new Date())).text).toContain("a rule of the platform");
  await tell(telling(world.tenant.id, "run.recovered"));
});

test("what happened to the installation is told once, and of no tenant", async () => {
  const missing = (tenant_id: number): Alert => ({
    kind: "worker.missing",
    cause: "worker",
    tenant_id,
    title: "No worker",
    body: "Start one.",
    link: `/tenants/${tenant_id}`,
  });
  const got = await tell(...everywhere().map(missing));
  expect(got.map(({ data }) => data)).toMatchObject([
    { title: "No worker", body: "Start one.", tenant_id: null, tenant_name: null, incident_id: null },
  ]);
  const [{ tenant_id, tenant_name } = { tenant_id: 0, tenant_name: "" }] = (
    await listPlatformDeliveries(administrator, { limit: 1 })
  ).items;
  expect([tenant_id, tenant_name]).toEqual([null, null]);
});

test("how policies differ is not told to the platform, where people read it either", async () => {
  const { id } = await createPlatformTarget(administrator, {
    target: { kind: "slack", name: "Channel", url: `${receiver.url}/slack` },
  });
  await createPlatformRule(administrator, { target_id: id });
  const { kind: _kind, cause: _cause, ...failed } = telling(world.tenant.id);
  const drift: Alert = { ...failed, tenant_id: world.tenant.id, kind: "drift.found", cause: "drift" };
  await transaction({ as: "dispatcher" }, (db) => raiseAlerts(db, [drift]));
  const policies = [{ name: secret, lines: [secret], more: 0 }];
  const got = await deliverAll({ "drift.found": async () => ({ policies, more: 0 }) });
  expect(got).toHaveLength(2);
  for (const { text } of got) expect(text).not.toContain(secret);
  await removePlatformTarget(administrator, { target_id: id });
});

test("a locked sign-in is told once and without the person, also of one who belongs to no tenant", async () => {
  const { rows } = await world.admin.query(
    "INSERT INTO users (email, name, password_hash) VALUES ('loner@nowhere.example', 'A Loner', 'none') RETURNING id",
  );
  const client = "203.0.113.9";
  for (const person of [world.tenant.actors.operator.user_id, rows[0].id as number]) {
    const target = { kind: "user", id: person } as const;
    await recordSecurityEvent({ action: "sign_in.delayed", in: { person }, by: null, target }, client);
    const got = await deliverAll();
    expect(got.map(({ data }) => data)).toMatchObject([
      { title: "Sign-in locked", tenant_id: null, tenant_name: null, incident_id: null, details: {} },
    ]);
    const { rows: people } = await world.admin.query("SELECT name, email FROM users WHERE id = $1", [person]);
    for (const secret of [client, people[0].name, people[0].email])
      expect(got[0]?.text).not.toContain(secret);
    const [delivery] = (await listPlatformDeliveries(administrator, { limit: 1 })).items;
    expect(delivery).toMatchObject({ kind: "sign_in.locked", state: "delivered", tenant_id: null });
    await redeliverPlatformAlert(administrator, { delivery_id: delivery?.id ?? 0 });
    expect((await deliverAll()).map(({ type }) => type)).toEqual(["sign_in.locked"]);
  }
  // What lost its job is found again, of whomever it is.
  await world.admin.query(
    "UPDATE alert_events SET routed_at = NULL, created_at = now() - interval '1 hour' WHERE tenant_id IS NULL",
  );
  await world.admin.query("DELETE FROM pgboss.job WHERE name = 'route-alert'");
  expect(await resumeLostAlerts(alertsActor, {})).toBe(1);
});

test("the database itself shows administrators no more of an event, and of no other", async () => {
  const asAdministrator = (sql: string) =>
    transaction({ as: "identity" }, (db) => db.$queryRawUnsafe<unknown[]>(sql), { readOnly: true });
  for (const column of ["title", "body", "data", "link", "policy_types", "*"])
    await expect(asAdministrator(`SELECT ${column} FROM alert_events`), column).rejects.toThrow(
      /permission denied/,
    );
  const { rows } = await world.admin.query(
    "SELECT DISTINCT event_id FROM alert_deliveries WHERE target_tenant_id IS NULL",
  );
  await world.admin.query(
    "INSERT INTO alert_events (tenant_id, kind, severity, title, body) VALUES ($1, 'run.failed', 'critical', 'x', 'y')",
    [world.tenant.id],
  );
  expect(await asAdministrator("SELECT id FROM alert_events")).toHaveLength(rows.length);
  await world.admin.query("DELETE FROM alert_events WHERE body = 'y'");
  await expect(asAdministrator("SELECT FROM incidents")).rejects.toThrow(/permission denied/);
});

test("the platform's and a tenant's targets, rules and deliveries are nothing to each other", async () => {
  const { id, actors } = world.tenant;
  const manager = actors.manager;
  const [own] = await listAlertTargets(manager, id, {});
  const [delivery] = (await listPlatformDeliveries(administrator, { target_id })).items;
  if (!own || !delivery) throw new Error("nothing to try it with");
  const delivery_id = delivery.id;
  expect((await listAlertTargets(manager, id, {})).map((target) => target.id)).not.toContain(target_id);
  expect((await listPlatformTargets(administrator, {})).map((target) => target.id)).toEqual([target_id]);
  expect((await listDeliveries(manager, id, {})).items.map((each) => each.target_id)).not.toContain(
    target_id,
  );
  const notFound = { code: "NOT_FOUND" };
  await expect(getDelivery(manager, id, { delivery_id })).rejects.toMatchObject(notFound);
  await expect(redeliverAlert(manager, id, { delivery_id })).rejects.toMatchObject(notFound);
  await expect(createAlertRule(manager, id, { target_id })).rejects.toMatchObject(notFound);
  await expect(updateAlertTarget(manager, id, { target_id, name: "Mine" })).rejects.toMatchObject(notFound);
  await expect(createPlatformRule(administrator, { target_id: own.id })).rejects.toMatchObject(notFound);
  await expect(
    updatePlatformTarget(administrator, { target_id: own.id, name: "Mine" }),
  ).rejects.toMatchObject(notFound);
  await expect(testPlatformTarget(administrator, { target_id: own.id })).rejects.toMatchObject(notFound);
  await expect(listPlatformTargets(actors.owner, {})).rejects.toMatchObject({ code: "FORBIDDEN" });
});

test("targets and rules are changed, tested and removed, what was sent is sent again, and all of it is in the platform's log", async () => {
  const refused = { code: "VALIDATION_FAILED" };
  const target = { name: "None", recipients: ["a@b.example"] };
  for (const wrong of [
    { ...target, kind: "heartbeat", url: receiver.url },
    { ...target, kind: "email", to_owners: true },
    { name: "None", kind: "email", recipients: [] },
  ])
    await expect(createPlatformTarget(administrator, { target: wrong as never })).rejects.toMatchObject(
      refused,
    );
  await updatePlatformTarget(administrator, { target_id, name: "Ticket system" });
  expect(await rotatePlatformSecret(administrator, { target_id })).toMatchObject({
    signing_secret: expect.stringMatching(/^whsec_/),
    previous_until: expect.any(String),
  });
  expect(await testPlatformTarget(administrator, { target_id })).toMatchObject({ ok: true, status: 200 });
  expect(JSON.parse(receiver.got.splice(0)[0]?.body ?? "{}")).toMatchObject({ data: { tenant_id: null } });

  const [delivery] = (await listPlatformDeliveries(administrator, { state: "delivered" })).items;
  const delivery_id = delivery?.id ?? 0;
  expect(await redeliverPlatformAlert(administrator, { delivery_id })).toMatchObject({
    state: "pending",
    id: delivery_id,
  });
  expect(await deliverAll()).toMatchObject([{ data: { id: delivery?.event_uid } }]);

  const [rule] = await listPlatformRules(administrator, {});
  const rule_id = rule?.id ?? 0;
  expect(
    await updatePlatformRule(administrator, { rule_id, target_id, least_severity: "info" }),
  ).toMatchObject({
    least_severity: "info",
    repeat_hours: null,
  });
  await removePlatformRule(administrator, { rule_id });
  await removePlatformTarget(administrator, { target_id });
  expect((await listPlatformDeliveries(administrator, {})).items).toEqual([]);
  const { items } = await listPlatformLog(administrator, {});
  const actions = items.map(({ action }) => action).filter((action) => action.startsWith("alert"));
  expect([...actions.slice(0, 7), ...actions.slice(-2)]).toEqual([
    "alert_target.removed",
    "alert_rule.removed",
    "alert_rule.updated",
    "alert.redelivered",
    "alert_target.tested",
    "alert_target.secret_rotated",
    "alert_target.updated",
    "alert_rule.created",
    "alert_target.created",
  ]);
});
