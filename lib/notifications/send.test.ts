import { expect, test } from "vitest";
import { savePreferences } from "#lib/access/preferences";
import { transaction } from "#lib/db/transaction";
import { tenantAttention } from "#lib/overview/attention";
import { withWorld } from "#lib/testing/world";
import { isNotificationKind, type KindFor, type NotificationKind } from "./kinds.ts";
import { listNotifications, markNotificationsRead } from "./list.ts";
import { type NotificationInput, sendNotification } from "./send.ts";

const world = withWorld({ policies: 1 });

const send = (kind: KindFor<"responsible">) =>
  transaction({ as: "app", tenant_id: world.tenant.id }, (db) =>
    sendNotification(db, world.tenant.id, {
      kind,
      title: kind,
      body: "It's told.",
      link: null,
      data: { run_id: 7 },
    }),
  );

test("a notification reaches everybody responsible, but who does not want its kind", async () => {
  const { id, actors } = world.tenant;
  const kindsOf = async (who: "manager" | "owner") =>
    (await listNotifications(actors[who], id, {})).items.map((entry) => entry.kind);
  await savePreferences(actors.manager, { notification: { kind: "run.partial", is_wanted: false } });
  await send("run.partial");
  await send("run.failed");
  expect(await kindsOf("owner")).toEqual(["run.failed", "run.partial"]);
  expect(await kindsOf("manager")).toEqual(["run.failed"]);
  await savePreferences(actors.manager, { notification: { kind: "run.partial", is_wanted: true } });
  await send("run.partial");
  expect(await kindsOf("manager")).toEqual(["run.partial", "run.failed"]);
  const [newest] = (await listNotifications(actors.owner, id, {})).items;
  expect(newest).toMatchObject({ body: "It's told.", data: { run_id: 7 }, read_at: null });
});

test("what somebody did is told to nobody else, and a kind that has no audience does not compile", async () => {
  const { id, actors } = world.tenant;
  const words = { title: "Run now", body: "", link: null };
  const told: NotificationInput = { ...words, kind: "run.started", doer: actors.operator.user_id };
  // @ts-expect-error: it must say who did it
  const withoutDoer: NotificationInput = { ...words, kind: "run.started" };
  // @ts-expect-error: there is no such kind
  const unknown: NotificationInput = { ...words, kind: "run.looked_at", doer: actors.operator.user_id };
  expect([withoutDoer.kind, unknown.kind].map(isNotificationKind)).toEqual([true, false]);
  await transaction({ as: "app", tenant_id: id }, (db) => sendNotification(db, id, told));
  const heard = async (who: "operator" | "manager" | "owner") =>
    (await listNotifications(actors[who], id, { kinds: ["run.started"] })).items.length;
  expect([await heard("operator"), await heard("manager"), await heard("owner")]).toEqual([1, 0, 0]);
});

test("the panel's filters: kinds and unread", async () => {
  const { id, actors } = world.tenant;
  const list = (filters: { kinds?: NotificationKind[]; unread?: boolean }) =>
    listNotifications(actors.owner, id, filters).then((page) => page.items.map((entry) => entry.kind));
  expect(await list({ kinds: ["run.failed"] })).toEqual(["run.failed"]);
  const [newest] = (await listNotifications(actors.owner, id, {})).items;
  await markNotificationsRead(actors.owner, id, { notification_ids: [newest?.id ?? 0] });
  expect(await list({ unread: true })).toEqual(["run.failed", "run.partial"]);
  expect(await list({ unread: true, kinds: ["run.partial"] })).toEqual(["run.partial"]);
});

test("what asks for attention: the caller's unread, the newest, what runs and what fails", async () => {
  const { id, actors } = world.tenant;
  const [newest] = (await listNotifications(actors.owner, id, {})).items;
  expect(await tenantAttention(actors.owner, id, {})).toEqual({
    unread_notifications: 2,
    newest_notification_id: newest?.id,
    open_incidents: 0,
    active_runs: 0,
    failing_schedules: 0,
  });
  await world.admin.query(
    `INSERT INTO backup_schedules (tenant_id, name, timezone, frequency, time_of_day, last_run_status, is_enabled)
     SELECT $1, 'S' || n, 'UTC', 'daily', '02:00:00', (ARRAY['failed', 'failed', 'success'])[n]::run_status, n <> 2
     FROM generate_series(1, 3) n`,
    [id],
  );
  expect(await tenantAttention(actors.readonly, id, {})).toMatchObject({
    unread_notifications: 0,
    failing_schedules: 1,
  });
  await world.admin.query("UPDATE tenants SET archived_at = now() WHERE id = $1", [id]);
  // Nothing runs there any more.
  expect(await tenantAttention(actors.readonly, id, {})).toMatchObject({ failing_schedules: 0 });
  await world.admin.query("UPDATE tenants SET archived_at = NULL WHERE id = $1", [id]);
});
