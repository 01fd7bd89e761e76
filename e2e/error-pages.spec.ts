import { onDatabase } from "./support/administrator.ts";
import { runOnce } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { expect, test } from "./support/test.ts";

/** Makes the details of a run unreadable, which no other page reads; and readable again. */
async function writeAttempts(runId: number, attempts: object[]): Promise<void> {
  await onDatabase(
    `SET session_replication_role = replica;
     UPDATE backup_schedule_runs SET attempt_log = '${JSON.stringify(attempts)}' WHERE id = ${runId}`,
  );
}
const unreadable = [{ number: 1, began_at: "no instant" }];

test("what cannot be shown says so with a number, takes nothing else away, and is there when tried again", async ({
  open,
  makeSchedule,
  tolerate,
}) => {
  tolerate(/status of 500|React error #441/);
  const schedule = await makeSchedule();
  const run = await runOnce(schedule.id);
  const page = await open("readonly");
  const runs = `/tenants/${run.tenant_id}/runs`;

  // Over a list.
  await page.goto(`${runs}?schedule=${schedule.id}`);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  await writeAttempts(run.id, unreadable);
  const row = page.getByRole("table", { name: "Runs" }).getByRole("row").nth(1);
  await row.getByRole("link").first().click();
  const over = page.getByRole("dialog", { name: "Not loaded" });
  await expect(over.getByRole("alert")).toMatchAriaSnapshot(`
    - alert:
      - heading "This page could not be loaded" [level=1]
      - paragraph: /The service or its database did not answer as it should\\. Error number \\d+/
      - button "Try again"
  `);
  await expect(page.getByRole("heading", { level: 1, name: "Runs", includeHidden: true })).toBeVisible();
  expect(await faultsOf(page, "what was not loaded, over a list")).toEqual([]);
  await writeAttempts(run.id, []);
  await over.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("dialog", { name: /run/i })).toContainText("Ended: success");

  // In place of a page: what is around it stays.
  await writeAttempts(run.id, unreadable);
  const answer = await page.goto(`${runs}/${run.id}`);
  expect(answer?.status()).toBe(500);
  const alert = page.getByRole("main").getByRole("alert");
  await expect(alert).toContainText(/This page could not be loaded.*Error number \d+/);
  await expect(page.getByRole("navigation", { name: "Tenant" })).toBeVisible();
  await writeAttempts(run.id, []);
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("main")).toContainText("Ended: success");
});

test("when the frame of all pages fails, there is a page still, and it comes back when tried again", async ({
  open,
  tolerate,
}) => {
  tolerate(/no colors/);
  const page = await open("readonly");
  // What the provider around all pages asks as soon as it is there.
  await page.addInitScript(() => {
    const { matchMedia } = window;
    window.matchMedia = () => {
      throw new Error("no colors");
    };
    Object.assign(window, { mend: () => Object.assign(window, { matchMedia }) });
  });
  await page.goto("/tenants");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("TenantPilot is not available right now");
  await expect(page).toHaveTitle("TenantPilot is not available");
  await page.evaluate(() => (window as unknown as { mend: () => void }).mend());
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Tenants" })).toBeVisible();
});
