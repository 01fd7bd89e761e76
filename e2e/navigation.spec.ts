import { demo } from "./support/demo.ts";
import { expect, test } from "./support/test.ts";

const tenant = () => `/tenants/${demo().tenants[0]?.id}`;

test("who has to wait for a page sees its shape meanwhile", async ({ open }) => {
  const page = await open("readonly");
  await page.goto(`${tenant()}/runs`);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  const skeleton = page.getByRole("main").getByRole("status", { name: "Loading" });
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/backup-sets\?_rsc=/, async (route) => {
    await held;
    await route.continue();
  });
  const links = page.getByRole("navigation", { name: "Tenant" });
  await links.getByRole("link", { name: "Backup sets" }).click();
  await expect(skeleton).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeHidden();
  release();
  await expect(page.getByRole("heading", { level: 1, name: "Backup sets" })).toBeVisible();
  await expect(skeleton).toHaveCount(0);
});

test("an address that leads nowhere is answered as such, and not with a page that says so later", async ({
  open,
  tolerate,
}) => {
  tolerate(/status of 404/);
  const page = await open("readonly");
  for (const path of [`${tenant()}/runs/999999999`, `${tenant()}/nowhere`, "/tenants/999999999"]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole("heading", { level: 1 }), path).toBeVisible();
  }
});
