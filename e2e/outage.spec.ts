import { api, uniqueName } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { type CuttableWay, cuttableWay } from "./support/cuttable.ts";
import { demo } from "./support/demo.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";
import { startWeb, type WebProcess } from "./support/web-process.ts";

const { tenant } = person("manager");

/** To the database, of a web process of this file's own. */
let way: CuttableWay;
let web: WebProcess;

test.beforeAll(async () => {
  way = await cuttableWay(demo().database_url);
  const database = new URL(demo().database_url);
  database.host = new URL(way.url).host;
  web = await startWeb({ DATABASE_URL: String(database) });
});
test.afterAll(async () => {
  await web.stop();
  way.close();
});

test("while the database is away pages say so, with 503, and then come back by themselves", async ({
  open,
  tolerate,
}) => {
  tolerate(/status of 503|React error #441/);
  const page = await open("readonly");
  const schedules = `${web.url}/tenants/${tenant.id}/backup-schedules`;
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
});

test("when web restarts, an open page says so, keeps what was typed, and goes on by itself; also under a newer version", async ({
  open,
  tolerate,
}) => {
  tolerate(/ERR_|Failed to (load|fetch)|network error|status of (404|50\d)/i);
  const page = await open("manager");
  await page.goto(`${web.url}/tenants/${tenant.id}/backup-schedules/new`);
  const name = uniqueName("Outlives a restart");
  const field = page.getByRole("textbox", { name: "Name" });
  await expect(field).toBeEditable();
  await field.fill(name);
  const live = page.locator("[data-live=open]");
  await expect(live).toBeAttached();
  await page.evaluate(() => Object.assign(window, { unreloaded: true }));

  await web.stop();
  const create = page.getByRole("button", { name: "Create schedule" });
  await create.click();
  const trouble = page.getByRole("main").getByRole("alert");
  await expect(trouble).toContainText("The service did not answer");
  await expect(page.getByText("Reconnecting… data may be old")).toBeVisible();
  await web.restart();
  await expect(live).toBeAttached({ timeout: 40_000 });
  await expect(page.getByText("Reconnecting… data may be old")).toHaveCount(0);
  await expect(field).toHaveValue(name);
  await create.click();
  const title = (text: string) => page.getByRole("heading", { level: 1, name: text, exact: true });
  await expect(title(name)).toBeVisible();
  const id = page.url().split("/").at(-1);
  const renamed = `${name} live`;
  await api("manager", "PATCH", `/backup-schedules/${id}`, { name: renamed });
  await expect(title(renamed)).toBeVisible();

  // A newer version does not know what this page asks for; what was typed is not lost by being told so.
  await page.getByRole("link", { name: "Edit" }).click();
  await expect(field).toBeEditable();
  await field.fill(`${name} typed`);
  await page.route("**/edit", (route) =>
    route.continue({ headers: { ...route.request().headers(), "next-action": "0".repeat(42) } }),
  );
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(trouble).toContainText("TenantPilot was updated");
  await expect(field).toHaveValue(`${name} typed`);
  expect(await page.evaluate(() => "unreloaded" in window)).toBe(true);
  await api("manager", "DELETE", `/backup-schedules/${id}`);
  // As above.
  await page.close({ runBeforeUnload: false });
});
