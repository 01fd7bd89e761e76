import { faultsOf } from "./support/axe.ts";
import { cuttableWay } from "./support/cuttable.ts";
import { demo } from "./support/demo.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";
import { startWeb } from "./support/web-process.ts";

test("while the database is away pages say so, with 503, and then come back by themselves", async ({
  open,
  tolerate,
}) => {
  tolerate(/status of 503|React error #441/);
  const way = await cuttableWay(demo().database_url);
  const database = new URL(demo().database_url);
  database.host = new URL(way.url).host;
  const web = await startWeb({ DATABASE_URL: String(database) });
  try {
    const page = await open("readonly");
    const schedules = `${web.url}/tenants/${person("readonly").tenant.id}/backup-schedules`;
    await page.goto(schedules);
    await expect(page.getByRole("heading", { name: "Backup schedules", level: 1 })).toBeVisible();

    way.cut();
    const refused = await page.goto(schedules);
    expect(refused?.status()).toBe(503);
    expect(refused?.headers()["retry-after"]).toBe("15");
    await expect(page.getByRole("main")).toContainText("comes back by itself");
    expect(await faultsOf(page, "database away")).toEqual([]);
    expect((await fetch(`${web.url}/api/health`)).status).toBe(200);
    expect((await fetch(`${web.url}/api/ready`)).status).toBe(503);

    way.restore();
    await expect(page.getByRole("heading", { name: "Backup schedules", level: 1 })).toBeVisible();
    // An open page would complain of a server that is gone.
    await page.close();
  } finally {
    await web.stop();
    way.close();
  }
});
