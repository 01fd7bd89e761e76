import { afterEach, expect, test } from "vitest";
import { transaction } from "#lib/db/transaction";
import { withWorld } from "#lib/testing/world";
import { listNotifications } from "./list.ts";
import { purgeOldNotifications } from "./purge.ts";
import { sendNotification } from "./send.ts";

const world = withWorld({ policies: 1 });

afterEach(() => {
  delete process.env.NOTIFICATION_RETENTION_DAYS;
});

test("old notifications of every tenant go, the others stay; how old is set by the environment", async () => {
  for (const tenant of [world.tenant, world.foreign]) {
    await transaction({ as: "app", tenant_id: tenant.id }, async (db) => {
      for (const title of ["200 days", "100 days", "new"]) {
        const notification = { kind: "run.failed" as const, title, body: "", link: null };
        await sendNotification(db, tenant.id, notification);
      }
    });
  }
  await world.admin.query(
    `UPDATE notifications SET created_at = now() - split_part(title, ' ', 1)::int * interval '1 day'
     WHERE title LIKE '% days'`,
  );
  const titles = async () => {
    const lists = await Promise.all(
      [world.tenant, world.foreign].map(({ id, actors }) => listNotifications(actors.owner, id, {})),
    );
    return lists.map((page) => page.items.map((item) => item.title));
  };
  // A manager's and an owner's in each of two tenants.
  expect(await purgeOldNotifications()).toBe(4);
  expect(await titles()).toEqual(Array.from({ length: 2 }, () => ["new", "100 days"]));
  process.env.NOTIFICATION_RETENTION_DAYS = "30";
  expect(await purgeOldNotifications()).toBe(4);
  expect(await titles()).toEqual([["new"], ["new"]]);
});
