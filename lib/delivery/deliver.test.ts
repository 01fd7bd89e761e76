import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { SMTPServer } from "smtp-server";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { alertsActor } from "#lib/access/actor";
import { savePreferences } from "#lib/access/preferences";
import { writeDigests } from "#lib/alerts/digests";
import { purgeOldAlerts } from "#lib/alerts/purge";
import { type Alert, raiseAlerts } from "#lib/alerts/raise";
import { repeatAlerts } from "#lib/alerts/repeat";
import { resumeLostAlerts } from "#lib/alerts/resume-lost";
import { routeAlert } from "#lib/alerts/route";
import { createAlertRule, listAlertRules } from "#lib/alerts/rules";
import { transaction } from "#lib/db/transaction";
import { listNotifications } from "#lib/notifications/list";
import { lookedAfter } from "#lib/testing/looked-after";
import { type Receiver, startReceiver } from "#lib/testing/receiver";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { type Describers, deliverAlert } from "./deliver.ts";
import { getDelivery, listDeliveries, redeliverAlert } from "./deliveries.ts";
import {
  createAlertTarget,
  listAlertTargets,
  removeAlertTarget,
  rotateSigningSecret,
  testAlertTarget,
  updateAlertTarget,
} from "./targets.ts";

const world = withWorld({ policies: 1 });
let receiver: Receiver;
let mailServer: SMTPServer;
const mails: { to: string[]; text: string; secure: boolean; user: string | undefined }[] = [];

beforeAll(async () => {
  receiver = await startReceiver();
  mailServer = new SMTPServer({
    ...receiver.tls,
    onAuth: ({ username, password }, _session, done) =>
      password === "p@ss" ? done(null, { user: username }) : done(new Error("wrong password")),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk) => chunks.push(chunk));
      stream.on("end", () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({
          to,
          text: unfolded(Buffer.concat(chunks).toString()),
          secure: session.secure,
          user: session.user,
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => mailServer.listen(0, "127.0.0.1", resolve));
  const { port } = mailServer.server.address() as AddressInfo;
  Object.assign(process.env, {
    ALERT_PRIVATE_NETWORKS: "127.0.0.0/8, ::1/128",
    NEXTAUTH_URL: "https://tenantpilot.example",
    SMTP_URL: `smtp://alerts:p%40ss@localhost:${port}`,
    SMTP_FROM: "TenantPilot <alerts@tenantpilot.example>",
  });
});
beforeEach(async () => {
  await world.admin.query("DELETE FROM alert_events; DELETE FROM incidents");
  await world.admin.query("DELETE FROM alert_targets WHERE NOT to_owners");
  receiver.answers(200);
  receiver.got.length = 0;
  mails.length = 0;
});
afterAll(async () => {
  await receiver?.stop();
  await new Promise<void>((resolve) => mailServer.close(resolve));
});

/** Lines as they were before mail folded them (RFC 2045, RFC 5322). */
function unfolded(mail: string): string {
  return mail.replaceAll(/=\r\n/g, "").replaceAll("\r\n ", " ").replaceAll("=3D", "=");
}

const owner = () => world.tenant.actors.owner;
const failed = (more: Partial<Alert> = {}): Alert =>
  ({
    kind: "run.failed",
    cause: "schedule:1:backup",
    tenant_id: world.tenant.id,
    title: "Backup failed",
    body: '"<b>Nightly</b>": Microsoft Graph is away.',
    link: `/tenants/${world.tenant.id}/runs/1`,
    data: { schedule_name: "<b>Nightly</b>" },
    schedule_id: 1,
    ...more,
  }) as Alert;
const raise = (...alerts: Alert[]) =>
  transaction({ as: "app", tenant_id: world.tenant.id }, (db) => raiseAlerts(db, alerts));

/** What the worker does with the jobs that are there: routes every event, and makes every attempt that is due. */
async function work(describers: Describers = {}): Promise<void> {
  const { rows: events } = await world.admin.query(
    "SELECT tenant_id, id::int AS event_id FROM alert_events WHERE routed_at IS NULL ORDER BY id",
  );
  for (const event of events) await routeAlert(alertsActor, event);
  const { rows: due } = await world.admin.query(
    "SELECT tenant_id, id::int AS delivery_id FROM alert_deliveries WHERE state = 'pending' AND next_at <= now() ORDER BY id",
  );
  for (const delivery of due) await deliverAlert(delivery, undefined, describers);
}

/** A target of a webhook that gets everything. */
async function webhook(): Promise<{ id: number; secret: string }> {
  const { id } = world.tenant;
  const target = {
    kind: "webhook" as const,
    name: "PSA",
    url: `${receiver.url}/hook?key=s3cret`,
    authorization: "Bearer t0p",
  };
  const made = await createAlertTarget(owner(), id, { target });
  await createAlertRule(owner(), id, { target_id: made.id, least_severity: "info" });
  return { id: made.id, secret: made.signing_secret ?? "" };
}
const log = (target_id: number) =>
  listDeliveries(owner(), world.tenant.id, { target_id }).then((page) => page.items);
const repeat = () => lookedAfter("repeats", () => repeatAlerts(alertsActor, {}));
const digest = () => lookedAfter("digests", () => writeDigests(alertsActor, {}));
const resume = () => lookedAfter("late_alerts", () => resumeLostAlerts(alertsActor, {}));
const headersOf = (index: number) => receiver.got[index]?.headers as Record<string, string>;

test("a webhook is signed as Standard Webhooks says, by both secrets while they change; its body is thin and has its version", async () => {
  const { id, secret } = await webhook();
  await raise(failed());
  await work();
  const [message] = receiver.got;
  const body = message?.body ?? "";
  expect(new Webhook(secret).verify(body, headersOf(0))).toMatchObject({
    type: "run.failed",
    version: 1,
    data: {
      severity: "critical",
      tenant_name: "Tenant 1",
      link: expect.stringMatching(/^https:\/\/tenantpilot\.example\/tenants\//),
    },
  });
  expect(() => new Webhook(secret).verify(body.replace("failed", "fine"), headersOf(0))).toThrow();
  expect(headersOf(0).authorization).toBe("Bearer t0p");
  const rotated = await rotateSigningSecret(owner(), world.tenant.id, { target_id: id });
  await raise(failed({ cause: "schedule:2:backup" } as Partial<Alert>));
  await work();
  for (const each of [secret, rotated.signing_secret])
    new Webhook(each).verify(receiver.got[1]?.body ?? "", headersOf(1));
  await rotateSigningSecret(owner(), world.tenant.id, { target_id: id, overlap_hours: 0 });
  await raise(failed({ cause: "schedule:3:backup" } as Partial<Alert>));
  await work();
  expect(() =>
    new Webhook(rotated.signing_secret).verify(receiver.got[2]?.body ?? "", headersOf(2)),
  ).toThrow();
});

test("what fails comes again later under the same id, with the receiver's own patience; the log tells, and Redeliver repeats it", async () => {
  const { id } = await webhook();
  receiver.answers(503, { "retry-after": "120" }, "later\u0000!");
  await raise(failed());
  await work();
  const [first] = await log(id);
  expect(first).toMatchObject({ state: "pending", attempts: 1, answer_status: 503, answer: "later!" });
  const wait = (Date.parse(first?.next_at ?? "") - Date.now()) / 1_000;
  expect(wait).toBeGreaterThan(100);
  expect(wait).toBeLessThan(130);
  const { rows } = await world.admin.query(
    "SELECT count(*)::int AS n FROM pgboss.job WHERE name = 'deliver-alert' AND (data ->> 'delivery_id')::int = $1 AND start_after > now() + interval '1 minute'",
    [first?.id],
  );
  expect(rows).toEqual([{ n: 1 }]);
  // Its time has come.
  await world.admin.query(
    "UPDATE alert_deliveries SET next_at = date_trunc('milliseconds', now()) WHERE state = 'pending'",
  );
  receiver.answers(204);
  await work();
  expect(await log(id)).toMatchObject([{ state: "delivered", attempts: 2, answer_status: 204 }]);
  const delivery_id = first?.id ?? 0;
  await redeliverAlert(owner(), world.tenant.id, { delivery_id });
  await expect(redeliverAlert(owner(), world.tenant.id, { delivery_id })).rejects.toMatchObject({
    code: "CONFLICT",
  });
  await work();
  const ids = receiver.got.map((_, index) => headersOf(index)["webhook-id"]);
  expect(ids).toEqual([first?.event_uid, first?.event_uid, first?.event_uid]);
  const detail = await getDelivery(owner(), world.tenant.id, { delivery_id });
  expect(JSON.parse(detail.request ?? "")).toMatchObject({ type: "run.failed" });
  await expect(
    getDelivery(world.foreign.actors.owner, world.foreign.id, { delivery_id }),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("whoever dies after sending, and before that is noted, sends it again under the same id", async () => {
  const { id } = await webhook();
  await raise(failed());
  // The connection to the database breaks right after the receiver has taken it.
  await world.admin.query(`
    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'gone'; END $$;
    CREATE TRIGGER die BEFORE UPDATE ON alert_deliveries FOR EACH ROW WHEN (NEW.state = 'delivered' AND NEW.answer_status IS NOT NULL) EXECUTE FUNCTION die()`);
  await expect(work()).rejects.toThrow("gone");
  await world.admin.query("DROP FUNCTION die() CASCADE");
  const [left] = await log(id);
  expect(left).toMatchObject({ state: "pending", attempts: 1 });
  // The queue gives the job to another worker at once: it waits until the first can be no more.
  await deliverAlert({ tenant_id: world.tenant.id, delivery_id: left?.id ?? 0 });
  expect(receiver.got).toHaveLength(1);
  await world.admin.query(
    "UPDATE alert_deliveries SET next_at = date_trunc('milliseconds', now()) WHERE state = 'pending'",
  );
  await work();
  expect(receiver.got).toHaveLength(2);
  expect(headersOf(0)["webhook-id"]).toBe(headersOf(1)["webhook-id"]);
  expect(await log(id)).toMatchObject([{ state: "delivered", attempts: 2 }]);
});

test("a target that takes nothing for days is disabled, which another target, the bell and the audit log tell; enabled, it begins anew", async () => {
  const { id } = await webhook();
  receiver.answers(500);
  await raise(failed());
  await work();
  expect((await listAlertTargets(owner(), world.tenant.id, {}))[1]).toMatchObject({ is_enabled: true });
  await world.admin.query(
    "UPDATE alert_targets SET failing_since = now() - interval '73 hours' WHERE failing_since IS NOT NULL",
  );
  await world.admin.query(
    "UPDATE alert_deliveries SET next_at = date_trunc('milliseconds', now()) WHERE state = 'pending'",
  );
  mails.length = 0;
  await work();
  await work();
  expect((await listAlertTargets(owner(), world.tenant.id, {}))[1]).toMatchObject({
    is_enabled: false,
    disabled_reason: "Nothing was delivered for 72 hours. Last: HTTP 500",
  });
  expect(mails.map(({ text }) => /Subject: (.*)/.exec(text)?.[1])).toEqual([
    expect.stringContaining("Alert target disabled"),
  ]);
  const heard = await listNotifications(owner(), world.tenant.id, { kinds: ["target.disabled"] });
  expect(heard.items).toHaveLength(1);
  await updateAlertTarget(owner(), world.tenant.id, { target_id: id, is_enabled: true });
  receiver.answers(410);
  await raise(failed({ cause: "schedule:4:backup" } as Partial<Alert>));
  await work();
  expect((await listAlertTargets(owner(), world.tenant.id, {}))[1]).toMatchObject({
    disabled_reason: "The receiver answered 410: it is gone for good.",
  });
  const { rows } = await world.admin.query(
    "SELECT count(*)::int AS n FROM audit_log WHERE action = 'alert_target.disabled'",
  );
  expect(rows).toEqual([{ n: 2 }]);
});

test("owners get a mail that is encrypted and signed in for, as text and as a page, each once; who does not want the kind gets none", async () => {
  await raise(failed());
  await work();
  expect(mails).toMatchObject([{ to: ["owner@tenant1.example"], secure: true, user: "alerts" }]);
  const [mail] = mails;
  expect(mail?.text).toMatch(/^Subject: \[Critical\] Backup failed/m);
  expect(mail?.text).toMatch(/^Message-ID: <evt_[0-9a-f-]{36}\.\d+@tenantpilot\.example>/m);
  expect(mail?.text).toContain("Content-Type: text/plain");
  expect(mail?.text).toContain("Content-Type: text/html");
  expect(mail?.text).toContain("&lt;b&gt;Nightly&lt;/b&gt;");
  await savePreferences(owner(), { notification: { kind: "run.failed", is_wanted: false } });
  await raise(failed({ cause: "schedule:2:backup" } as Partial<Alert>));
  await work();
  expect(mails).toHaveLength(1);
  const [fallback] = (await listDeliveries(owner(), world.tenant.id, {})).items;
  expect(fallback).toMatchObject({ state: "dropped", answer: "There is nobody to send it to." });
  await savePreferences(owner(), { notification: { kind: "run.failed", is_wanted: true } });
});

test("a mail server that offers no encryption gets nothing, unless whoever runs the service allows it", async () => {
  const plain = new SMTPServer({
    disabledCommands: ["STARTTLS", "AUTH"],
    onData: (s, _, done) => s.resume().on("end", done),
  });
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const before = process.env.SMTP_URL;
  process.env.SMTP_URL = `smtp://localhost:${(plain.server.address() as AddressInfo).port}`;
  const [mail] = await listAlertTargets(owner(), world.tenant.id, {});
  const send = () => testAlertTarget(owner(), world.tenant.id, { target_id: mail?.id ?? 0 });
  expect(await send()).toMatchObject({ ok: false, answer: expect.stringMatching(/TLS|STARTTLS/i) });
  process.env.SMTP_TLS = "off";
  expect(await send()).toMatchObject({ ok: true });
  delete process.env.SMTP_TLS;
  process.env.SMTP_URL = before;
  await new Promise<void>((resolve) => plain.close(resolve));
});

test("a mail server whose address says so is spoken to in TLS from the first byte, and one that nobody vouches for gets nothing", async () => {
  const [mail] = await listAlertTargets(owner(), world.tenant.id, {});
  const before = process.env.SMTP_URL;
  const sendTo = async (tls: { key: string; cert: string }) => {
    const server = new SMTPServer({
      ...tls,
      secure: true,
      disabledCommands: ["AUTH"],
      onData: (s, _, done) => s.resume().on("end", done),
    });
    // Of a handshake that the other side breaks off.
    server.on("error", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    process.env.SMTP_URL = `smtps://localhost:${(server.server.address() as AddressInfo).port}`;
    try {
      return await testAlertTarget(owner(), world.tenant.id, { target_id: mail?.id ?? 0 });
    } finally {
      process.env.SMTP_URL = before;
      await new Promise<void>((resolve) => server.close(resolve));
    }
  };
  expect(await sendTo(receiver.tls)).toMatchObject({ ok: true });
  const own = await generate([{ name: "commonName", value: "localhost" }], { keySize: 2048 });
  expect(await sendTo({ key: own.private, cert: own.cert })).toMatchObject({
    ok: false,
    answer: expect.stringMatching(/certificate/i),
  });
});

test("what happens in one tenant is told to no target of another", async () => {
  await webhook();
  const elsewhere = failed({ tenant_id: world.foreign.id } as Partial<Alert>);
  await transaction({ as: "dispatcher" }, (db) => raiseAlerts(db, [elsewhere]));
  await work();
  expect([receiver.got, mails.map(({ to }) => to)]).toEqual([[], [["owner@tenant2.example"]]]);
});

test("a mail that the server refuses for one of several is with the others, and the log says who has none", async () => {
  const picky = new SMTPServer({
    disabledCommands: ["STARTTLS", "AUTH"],
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith("gone") ? new Error("no such mailbox") : null),
    onData: (s, _, done) => s.resume().on("end", done),
  });
  await new Promise<void>((resolve) => picky.listen(0, "127.0.0.1", resolve));
  const before = process.env.SMTP_URL;
  process.env.SMTP_URL = `smtp://localhost:${(picky.server.address() as AddressInfo).port}`;
  process.env.SMTP_TLS = "off";
  try {
    const target = {
      kind: "email" as const,
      name: "Both",
      recipients: ["here@contoso.example", "gone@contoso.example"],
    };
    const { id: target_id } = await createAlertTarget(owner(), world.tenant.id, { target });
    expect(await testAlertTarget(owner(), world.tenant.id, { target_id })).toMatchObject({
      ok: true,
      answer: expect.stringMatching(/^250 .* Refused: gone@contoso\.example$/),
    });
  } finally {
    delete process.env.SMTP_TLS;
    process.env.SMTP_URL = before;
    await new Promise<void>((resolve) => picky.close(resolve));
  }
});

test("addresses and secrets are shown once or never; what is moved elsewhere takes no credential along; nothing goes to a private place", async () => {
  const { id } = await webhook();
  const { admin, tenant } = world;
  const shown = JSON.stringify([
    await listAlertTargets(owner(), tenant.id, {}),
    await listAlertRules(owner(), tenant.id, {}),
    (await admin.query("SELECT details FROM audit_log")).rows,
    (await admin.query("SELECT name, hint, recipients FROM alert_targets")).rows,
  ]);
  for (const secret of ["s3cret", "t0p", "whsec_"]) expect(shown).not.toContain(secret);
  await updateAlertTarget(owner(), tenant.id, { target_id: id, url: `${receiver.url}/elsewhere` });
  expect(await testAlertTarget(owner(), tenant.id, { target_id: id })).toMatchObject({
    ok: true,
    status: 200,
  });
  expect(receiver.got[0]?.path).toBe("/elsewhere");
  expect(headersOf(0).authorization).toBeUndefined();
  const url = "https://169.254.169.254/";
  for (const call of [
    updateAlertTarget(owner(), tenant.id, { target_id: id, url }),
    createAlertTarget(owner(), tenant.id, { target: { kind: "slack", name: "S", url } }),
  ])
    await expect(call).rejects.toMatchObject({ errors: [{ path: "url" }] });
  await expect(
    createAlertRule(world.foreign.actors.owner, world.foreign.id, { target_id: id }),
  ).rejects.toMatchObject({ code: "NOT_FOUND" });
  await removeAlertTarget(owner(), tenant.id, { target_id: id });
  expect(await listAlertRules(owner(), tenant.id, {})).toHaveLength(1);
});

test("what ended while it waited in quiet hours is not told, nor is its end; the rest goes out when they are over", async () => {
  const { id } = world.tenant;
  const target = { kind: "webhook" as const, name: "Quiet", url: receiver.url };
  const made = await createAlertTarget(owner(), id, { target });
  const clock = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
  await createAlertRule(owner(), id, { target_id: made.id, quiet_from: clock(-60), quiet_until: clock(60) });
  await raise(failed(), failed({ cause: "schedule:2:backup" } as Partial<Alert>));
  await work();
  await raise(failed({ kind: "run.recovered", severity: undefined } as unknown as Partial<Alert>));
  await work();
  expect(receiver.got).toEqual([]);
  await world.admin.query(
    "UPDATE alert_deliveries SET next_at = date_trunc('milliseconds', now()) WHERE state = 'pending'",
  );
  await work();
  const told = receiver.got.map(({ body }) => JSON.parse(body).type);
  expect(told).toEqual(["run.failed"]);
  expect((await log(made.id)).map(({ state }) => state)).toEqual(["dropped", "delivered", "dropped"]);
});

test("what ended in quiet hours is not told after them either when its end comes first", async () => {
  const { id } = world.tenant;
  const target = { kind: "webhook" as const, name: "Quiet", url: receiver.url };
  const made = await createAlertTarget(owner(), id, { target });
  const clock = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
  await createAlertRule(owner(), id, { target_id: made.id, quiet_from: clock(-60), quiet_until: clock(60) });
  await raise(failed());
  await work();
  await raise(failed({ kind: "run.recovered" } as Partial<Alert>));
  await work();
  await world.admin.query(
    "UPDATE alert_deliveries SET next_at = date_trunc('milliseconds', now()) WHERE state = 'pending'",
  );
  const { rows } = await world.admin.query(
    "SELECT tenant_id, id::int AS delivery_id FROM alert_deliveries WHERE target_id = $1 ORDER BY id DESC",
    [made.id],
  );
  expect(rows).toHaveLength(2);
  for (const delivery of rows) await deliverAlert(delivery);
  expect(receiver.got).toEqual([]);
  expect((await log(made.id)).map(({ state }) => state)).toEqual(["dropped", "dropped"]);
});

test("the end of an incident goes where anything was told of it, whatever it has become meanwhile", async () => {
  const { id } = world.tenant;
  const rule = async (name: string, says: Omit<Parameters<typeof createAlertRule>[2], "target_id">) => {
    const target = { kind: "webhook" as const, name, url: `${receiver.url}/${name}` };
    const { id: target_id } = await createAlertTarget(owner(), id, { target });
    await createAlertRule(owner(), id, { ...says, target_id });
  };
  await rule("type", { policy_types: ["deviceConfiguration"] });
  await rule("kind", { kinds: ["run.partial"] });
  await rule("beginning", { kinds: ["run.partial"], tells_recovery: false });
  await rule("other", { policy_types: ["deviceCategory"] });
  const told = async (more: object) => {
    await raise(failed(more as Partial<Alert>));
    await work();
    return receiver.got
      .splice(0)
      .map(({ path, body }) => `${path} ${JSON.parse(body).type}`)
      .toSorted();
  };
  expect(await told({ kind: "run.partial", policy_types: ["deviceConfiguration"] })).toEqual([
    "/beginning run.partial",
    "/kind run.partial",
    "/type run.partial",
  ]);
  expect(await told({ policy_types: ["namedLocation"] })).toEqual([]);
  expect(await told({ kind: "run.recovered" })).toEqual(["/kind run.recovered", "/type run.recovered"]);
});

test("what somebody asks for again is told, though it is over by now and its rule has quiet hours", async () => {
  const { id } = world.tenant;
  const target = { kind: "webhook" as const, name: "Quiet", url: receiver.url };
  const made = await createAlertTarget(owner(), id, { target });
  const clock = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
  await createAlertRule(owner(), id, { target_id: made.id, quiet_from: clock(-60), quiet_until: clock(60) });
  const due = () =>
    world.admin.query(
      "UPDATE alert_deliveries SET next_at = date_trunc('milliseconds', now()) WHERE state = 'pending'",
    );
  await raise(failed());
  await work();
  await due();
  await work();
  await raise(failed({ cause: "schedule:2:backup" } as Partial<Alert>));
  await work();
  await raise(failed({ kind: "run.recovered", severity: undefined } as unknown as Partial<Alert>));
  await raise(
    failed({
      kind: "run.recovered",
      severity: undefined,
      cause: "schedule:2:backup",
    } as unknown as Partial<Alert>),
  );
  await due();
  await work();
  const before = (await log(made.id)).toReversed().slice(0, 2);
  expect(before.map(({ state }) => state)).toEqual(["delivered", "dropped"]);
  receiver.got.length = 0;
  for (const { id: delivery_id } of before) await redeliverAlert(owner(), id, { delivery_id });
  await work();
  expect(receiver.got.map(({ body }) => JSON.parse(body).type)).toEqual(["run.failed", "run.failed"]);
  expect((await log(made.id)).toReversed().slice(0, 2)).toMatchObject([
    { state: "delivered", attempts: 1 },
    { state: "delivered", attempts: 1 },
  ]);
});

test("mails and cards of drift say which policies differ; a webhook stays thin, and what cannot be said holds nothing up", async () => {
  const { id } = world.tenant;
  for (const kind of ["teams", "slack"] as const) {
    const made = await createAlertTarget(owner(), id, {
      target: { kind, name: kind, url: `${receiver.url}/${kind}` },
    });
    await createAlertRule(owner(), id, { target_id: made.id });
  }
  await webhook();
  const drift = failed({ kind: "drift.found", cause: "drift", title: "Drift from the baseline" });
  const words = "Require BitLocker: Enabled → Not configured";
  const changes = { policies: [{ name: "Disk encryption", lines: [words], more: 2 }], more: 1 };
  const describers: Describers = {
    "drift.found": async (tenantId) => (tenantId === id ? changes : null),
    "run.failed": () => Promise.reject(new Error("cannot be said")),
  };
  await raise(drift);
  await work(describers);
  const bodies = new Map(receiver.got.splice(0).map(({ path, body }) => [path, body]));
  for (const path of ["/teams", "/slack"]) {
    const body = bodies.get(path) ?? "";
    for (const text of ["Disk encryption", words, "and 2 more", "And 1 more differing policy."])
      expect(body, path).toContain(text);
  }
  expect(bodies.get("/hook?key=s3cret")).not.toContain("Disk encryption");
  expect(mails).toHaveLength(1);
  expect(mails[0]?.text).toContain("And 1 more differing policy.");

  await raise(failed());
  await work(describers);
  expect(receiver.got.map(({ path }) => path).toSorted()).toEqual(["/hook?key=s3cret", "/slack", "/teams"]);
});

test("a heartbeat hears of complete backups alone, by a bare GET", async () => {
  const { id } = world.tenant;
  const target = { kind: "heartbeat" as const, name: "Dead man's switch", url: `${receiver.url}/ping` };
  const made = await createAlertTarget(owner(), id, { target });
  await createAlertRule(owner(), id, { target_id: made.id, least_severity: "info" });
  const complete = {
    kind: "backup.complete",
    tenant_id: id,
    title: "Backup complete",
    body: "",
    link: null,
  } as const;
  await raise(failed(), complete);
  await work();
  expect(receiver.got).toMatchObject([{ method: "GET", path: "/ping", body: "" }]);
});

test("a heartbeat is sent whatever the severity of its rule, and at once in quiet hours: late it would be taken for none", async () => {
  const { id } = world.tenant;
  const target = { kind: "heartbeat" as const, name: "Dead man's switch", url: `${receiver.url}/ping` };
  const made = await createAlertTarget(owner(), id, { target });
  const clock = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
  await createAlertRule(owner(), id, { target_id: made.id, quiet_from: clock(-60), quiet_until: clock(60) });
  await raise({
    kind: "backup.complete",
    tenant_id: id,
    title: "Backup complete",
    body: "",
    link: null,
  });
  await work();
  expect(receiver.got).toMatchObject([{ method: "GET", path: "/ping" }]);
});

test("what a receiver repeats of its address and credentials is shown in no log and no test", async () => {
  const { id, secret } = await webhook();
  receiver.answers(404, {}, `Cannot POST /hook?key=s3cret with Bearer t0p and ${secret}`);
  await raise(failed());
  await work();
  const shown = "Cannot POST (secret) with (secret) and (secret)";
  expect(await log(id)).toMatchObject([{ answer_status: 404, answer: shown }]);
  expect(await testAlertTarget(owner(), world.tenant.id, { target_id: id })).toMatchObject({
    ok: false,
    answer: shown,
  });
});

test("that a target was disabled is over once somebody enables or removes it", async () => {
  const { id } = world.tenant;
  const { id: target_id } = await webhook();
  const kinds = async () => {
    const { rows } = await world.admin.query(
      "SELECT kind FROM alert_events WHERE kind LIKE 'target.%' ORDER BY id",
    );
    return rows.map(({ kind }) => kind);
  };
  receiver.answers(410);
  await raise(failed());
  await work();
  await updateAlertTarget(owner(), id, { target_id, is_enabled: true });
  expect(await kinds()).toEqual(["target.disabled", "target.enabled"]);
  await raise(failed({ cause: "schedule:2:backup" } as Partial<Alert>));
  await work();
  await removeAlertTarget(owner(), id, { target_id });
  expect(await kinds()).toEqual(["target.disabled", "target.enabled", "target.disabled", "target.enabled"]);
});

test("what lasts is told again after the hours of its rule, until somebody acknowledges it", async () => {
  const { id } = world.tenant;
  const target = { kind: "webhook" as const, name: "Again", url: receiver.url };
  const made = await createAlertTarget(owner(), id, { target });
  await createAlertRule(owner(), id, { target_id: made.id, repeat_hours: 4 });
  await raise(failed());
  await work();
  const later = () =>
    world.admin.query("UPDATE alert_deliveries SET created_at = created_at - interval '5 hours'");
  expect(await repeat()).toBe(0);
  await later();
  expect([await repeat(), await repeat()]).toEqual([1, 0]);
  await work();
  const titles = receiver.got.map(({ body }) => JSON.parse(body).data.title);
  expect(titles).toEqual(["Backup failed", "Still: Backup failed"]);
  await later();
  await world.admin.query("UPDATE incidents SET acknowledged_at = now()");
  expect(await repeat()).toBe(0);
});

test("what lasts is told again once however many tell it at the same moment, and not of a tenant that is archived", async () => {
  const { id } = world.tenant;
  const target = { kind: "webhook" as const, name: "Again", url: receiver.url };
  const made = await createAlertTarget(owner(), id, { target });
  await createAlertRule(owner(), id, { target_id: made.id, repeat_hours: 4 });
  await raise(failed());
  await work();
  const later = () =>
    world.admin.query("UPDATE alert_deliveries SET created_at = created_at - interval '5 hours'");
  await later();
  const told = await Promise.all(Array.from({ length: 4 }, () => repeatAlerts(alertsActor, {})));
  expect(told.toSorted()).toEqual([0, 0, 0, 1]);
  await work();
  await later();
  await world.admin.query("UPDATE tenants SET archived_at = now() WHERE id = $1", [id]);
  try {
    expect(await repeat()).toBe(0);
  } finally {
    await world.admin.query("UPDATE tenants SET archived_at = NULL WHERE id = $1", [id]);
  }
  expect(await repeat()).toBe(1);
});

test("what lasts is told again by the rule that asks for it: of what that one takes, and not in its quiet hours", async () => {
  const { id } = world.tenant;
  const target = { kind: "webhook" as const, name: "Again", url: receiver.url };
  const { id: target_id } = await createAlertTarget(owner(), id, { target });
  const clock = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
  const quiet = { quiet_from: clock(-60), quiet_until: clock(60) };
  await createAlertRule(owner(), id, { target_id });
  await createAlertRule(owner(), id, { target_id, least_severity: "critical", repeat_hours: 4, ...quiet });
  await raise(failed(), failed({ kind: "run.partial", cause: "schedule:2:backup" } as Partial<Alert>));
  await work();
  expect(receiver.got.splice(0)).toHaveLength(2);
  await world.admin.query("UPDATE alert_deliveries SET created_at = created_at - interval '5 hours'");
  expect([await repeat(), await repeat()]).toEqual([1, 0]);
  await work();
  expect(receiver.got).toEqual([]);
  await world.admin.query(
    "UPDATE alert_deliveries SET next_at = date_trunc('milliseconds', now()) WHERE state = 'pending'",
  );
  await work();
  expect(receiver.got.map(({ body }) => JSON.parse(body).data.title)).toEqual(["Still: Backup failed"]);
});

test("what lasts is told again also when all that was told of it is older than the log is kept", async () => {
  const { id } = world.tenant;
  const target = { kind: "webhook" as const, name: "Again", url: receiver.url };
  const made = await createAlertTarget(owner(), id, { target });
  await createAlertRule(owner(), id, { target_id: made.id, repeat_hours: 4 });
  const grownOld = async () => {
    for (const table of ["alert_events", "alert_deliveries"])
      await world.admin.query(`UPDATE ${table} SET created_at = created_at - interval '200 days'`);
  };
  await raise(failed());
  await work();
  for (const _ of [1, 2]) {
    await grownOld();
    expect(await purgeOldAlerts()).toBe(0);
    expect([await repeat(), await repeat()]).toEqual([1, 0]);
    await work();
  }
  await grownOld();
  // What this target was told before it was told last. The beginning is what the owners were told last, by mail.
  expect(await purgeOldAlerts()).toBe(1);
  expect((await log(made.id)).map(({ title }) => title)).toEqual(["Still: Backup failed", "Backup failed"]);
  // Of what is over nothing is kept.
  await world.admin.query("UPDATE incidents SET closed_at = now()");
  expect(await purgeOldAlerts()).toBe(2);
});

test("what was told by mail is not told again while there is no mail server, and then once", async () => {
  const { id } = world.tenant;
  const target = { kind: "email" as const, name: "Chief", recipients: ["chief@example.com"] };
  const made = await createAlertTarget(owner(), id, { target });
  await createAlertRule(owner(), id, { target_id: made.id, repeat_hours: 4 });
  await raise(failed());
  await work();
  await world.admin.query("UPDATE alert_deliveries SET created_at = created_at - interval '5 hours'");
  const before = process.env.SMTP_URL;
  delete process.env.SMTP_URL;
  try {
    expect(await repeat()).toBe(0);
  } finally {
    process.env.SMTP_URL = before;
  }
  // It was unset between the two: then too it is told once in its hours.
  expect(await repeat()).toBe(1);
  delete process.env.SMTP_URL;
  try {
    await work();
  } finally {
    process.env.SMTP_URL = before;
  }
  expect(await repeat()).toBe(0);
});

test("a rule whose time zone is not known any more holds up no other: its digest keeps to UTC, and it has no quiet hours", async () => {
  const { id } = world.tenant;
  const clock = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
  const quiet = { quiet_from: clock(-60), quiet_until: clock(60) };
  const mail = (name: string) => ({ kind: "email" as const, name, recipients: [`${name}@example.com`] });
  for (const name of ["lost", "kept"]) {
    const digests = await createAlertTarget(owner(), id, { target: mail(name) });
    await createAlertRule(owner(), id, { target_id: digests.id, digest: "daily", timezone: "Europe/Berlin" });
    const hook = { kind: "webhook" as const, name, url: `${receiver.url}/${name}` };
    const alerts = await createAlertTarget(owner(), id, { target: hook });
    const hours = name === "lost" ? quiet : {};
    await createAlertRule(owner(), id, { target_id: alerts.id, timezone: "Europe/Berlin", ...hours });
  }
  await world.admin.query(`
    UPDATE alert_rules r SET timezone = 'Mars/Olympus' FROM alert_targets t WHERE t.id = r.target_id AND t.name = 'lost';
    UPDATE alert_rules SET digest_due_at = date_trunc('milliseconds', now()) WHERE digest IS NOT NULL`);
  await raise(failed());
  await work();
  expect(receiver.got.map(({ path }) => path).toSorted()).toEqual(["/kept", "/lost"]);
  mails.length = 0;
  expect([await digest(), await digest()]).toEqual([2, 0]);
  await work();
  expect(mails.flatMap(({ to }) => to).toSorted()).toEqual(["kept@example.com", "lost@example.com"]);
  const { rows } = await world.admin.query(`
    SELECT to_char(digest_due_at AT TIME ZONE 'UTC', 'HH24:MI') AS at FROM alert_rules WHERE timezone = 'Mars/Olympus' AND digest IS NOT NULL`);
  expect(rows).toEqual([{ at: "07:00" }]);
});

test("a digest says in the morning what ran, what changed and what is at risk, once, and nothing else goes by its rule", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, { name: "Nightly <all>" });
  await world.admin.query(
    `INSERT INTO backup_schedule_runs
       (tenant_id, backup_schedule_id, scheduled_for, trigger, status, started_at, finished_at, summary)
     SELECT $1, $2, now(), 'manual', status::run_status, now(), now(),
            '{"changes": {"added": 1, "changed": 2, "removed": 3, "unchanged": 4}}'
     FROM unnest(ARRAY['success', 'failed']) AS status`,
    [id, schedule.id],
  );
  const target = { kind: "email" as const, name: "Chief", recipients: ["chief@example.com"] };
  const made = await createAlertTarget(owner(), id, { target });
  const rule = { target_id: made.id, timezone: "Europe/Berlin", digest: "daily" as const };
  await createAlertRule(owner(), id, rule);
  await raise(failed());
  await work();
  expect(mails.map(({ to }) => to)).toEqual([["owner@tenant1.example"]]);
  mails.length = 0;
  expect(await digest()).toBe(0);
  await world.admin.query(
    "UPDATE alert_rules SET digest_due_at = date_trunc('milliseconds', now()) WHERE digest IS NOT NULL",
  );
  expect([await digest(), await digest()]).toEqual([1, 0]);
  await work();
  expect(mails).toMatchObject([{ to: ["chief@example.com"] }]);
  const text = mails[0]?.text ?? "";
  expect(text).toContain("Subject: [1 at risk] Daily digest: Tenant 1");
  expect(text).toContain("1 of 2 runs backed up everything. 1 thing is wrong now.");
  expect(text).toContain("2 added, 4 changed, 6 removed.");
  expect(text).toContain("- Nightly <all>: 1 of 2 complete");
  expect(text).toContain("Nightly &lt;all&gt;");
  const { rows } = await world.admin.query(
    "SELECT to_char(digest_due_at AT TIME ZONE 'Europe/Berlin', 'HH24:MI') AS at FROM alert_rules WHERE digest IS NOT NULL",
  );
  expect(rows).toEqual([{ at: "07:00" }]);
  await expect(
    createAlertRule(owner(), id, { ...rule, target_id: (await webhook()).id }),
  ).rejects.toMatchObject({ errors: [{ path: "digest" }] });
});

test("each run is told in one digest, however late the second one is written", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id, { name: "Told once" });
  const ran = (ago: string) =>
    world.admin.query(
      `INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, started_at, finished_at)
       VALUES ($1, $2, now() - $3::interval, 'manual', 'success', now() - $3::interval, now() - $3::interval)`,
      [id, schedule.id, ago],
    );
  const target = { kind: "email" as const, name: "Chief", recipients: ["chief@example.com"] };
  const made = await createAlertTarget(owner(), id, { target });
  await createAlertRule(owner(), id, { target_id: made.id, digest: "daily" });
  const told = async () => {
    mails.length = 0;
    await world.admin.query(
      "UPDATE alert_rules SET digest_due_at = date_trunc('milliseconds', now()) WHERE digest IS NOT NULL",
    );
    expect(await digest()).toBe(1);
    await work();
    const text = mails[0]?.text ?? "";
    expect(text).toMatch(/^Since \d{4}-\d\d-\d\d \d\d:\d\d, until \d{4}-\d\d-\d\d \d\d:\d\d UTC\./m);
    return /^- Told once: (.*)$/m.exec(text)?.[1]?.trim();
  };
  await ran("23 hours");
  await ran("30 hours");
  expect(await told()).toBe("1 of 1 complete");
  expect(await told()).toBe("did not run");
  // The last one was written 26 hours ago.
  await world.admin.query(
    `UPDATE alert_events SET data = data || jsonb_build_object('until',
       to_char((now() - interval '26 hours') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) WHERE kind = 'digest'`,
  );
  await ran("25 hours");
  expect(await told()).toBe("2 of 2 complete");
});

test("a digest counts what is wrong and what ran also where there is more than it names, and says that there is more", async () => {
  const { id, actors } = world.tenant;
  const { rows } = await world.admin.query(
    "SELECT count(*)::int AS n FROM backup_schedules WHERE tenant_id = $1 AND is_enabled",
    [id],
  );
  for (let n = rows[0].n; n < 22; n += 1) await makeSchedule(actors.manager, id, { name: `Nightly ${n}` });
  const target = { kind: "email" as const, name: "Chief", recipients: ["chief@example.com"] };
  const made = await createAlertTarget(owner(), id, { target });
  await createAlertRule(owner(), id, { target_id: made.id, digest: "daily" });
  await raise(
    ...Array.from({ length: 35 }, (_, n) => failed({ cause: `schedule:${n}:backup` } as Partial<Alert>)),
  );
  await world.admin.query(
    "UPDATE alert_rules SET digest_due_at = date_trunc('milliseconds', now()) WHERE digest IS NOT NULL",
  );
  expect(await digest()).toBe(1);
  await world.admin.query("UPDATE alert_events SET routed_at = now() WHERE kind <> 'digest'");
  await work();
  const [mail] = mails;
  expect(mail?.text).toContain("Subject: [35 at risk] Daily digest: Tenant 1");
  expect(mail?.text).toContain("35 things are wrong now.");
  const [text = "", html = ""] = mail?.text.split("Content-Type: text/html") ?? [];
  expect(text.match(/^- Backup failed: /gm)).toHaveLength(20);
  expect(text.match(/^And \d+ more\.$/gm)).toEqual(["And 15 more.", "And 2 more."]);
  expect(html.match(/And \d+ more\./g)).toEqual(["And 15 more.", "And 2 more."]);
});

test("what lost its job is enqueued anew, and old events go with the log of them", async () => {
  await raise(failed());
  await world.admin.query("DELETE FROM pgboss.job WHERE name IN ('route-alert', 'deliver-alert')");
  expect(await resume()).toBe(0);
  await world.admin.query("UPDATE alert_events SET created_at = now() - interval '6 minutes'");
  expect([await resume(), await resume()]).toEqual([1, 0]);
  await work();
  await world.admin.query("UPDATE alert_events SET created_at = now() - interval '200 days'");
  await world.admin.query("UPDATE incidents SET closed_at = now()");
  expect(await purgeOldAlerts()).toBe(1);
  expect((await listDeliveries(owner(), world.tenant.id, {})).items).toEqual([]);
});

test("what is still to be delivered is not removed, however few days the log is kept", async () => {
  const { id } = await webhook();
  receiver.answers(503);
  await raise(failed());
  await work();
  await world.admin.query("UPDATE alert_events SET created_at = now() - interval '200 days'");
  await world.admin.query("UPDATE incidents SET closed_at = now() - interval '200 days'");
  expect(await purgeOldAlerts()).toBe(0);
  receiver.answers(200);
  await world.admin.query(
    "UPDATE alert_deliveries SET next_at = date_trunc('milliseconds', now()) WHERE state = 'pending'",
  );
  await work();
  expect(await log(id)).toMatchObject([{ state: "delivered" }]);
  // The event, and its incident.
  expect(await purgeOldAlerts()).toBe(2);
});
