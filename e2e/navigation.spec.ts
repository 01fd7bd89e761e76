import { uniqueName } from "./support/api.ts";
import { demo } from "./support/demo.ts";
import { expect, test } from "./support/test.ts";

const tenant = () => `/tenants/${demo().tenants[0]?.id}`;

test("who has to wait for a page sees its shape meanwhile, and then reads undisturbed", async ({
  open,
  makeSchedule,
}) => {
  const page = await open("readonly");
  // So low that the list has to be scrolled.
  await page.setViewportSize({ width: 1280, height: 320 });
  await page.goto(`${tenant()}/runs`);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  const skeleton = page.getByRole("main").getByRole("status", { name: "Loading" });
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/backup-schedules\?_rsc=/, async (route) => {
    await held;
    await route.continue();
  });
  const links = page.getByRole("navigation", { name: "Tenant" });
  await links.getByRole("link", { name: "Backup schedules" }).click();
  await expect(skeleton).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeHidden();
  release();
  await expect(page.getByRole("heading", { level: 1, name: "Backup schedules" })).toBeVisible();
  await expect(skeleton).toHaveCount(0);
  const scrolled = () => page.evaluate(() => window.scrollY);
  expect(await scrolled()).toBe(0);
  await page.evaluate(() => window.scrollTo(0, 90));
  const { name } = await makeSchedule({ name: uniqueName("000 while somebody reads") });
  await expect(page.getByRole("link", { name })).toBeAttached();
  expect(await scrolled()).toBe(90);
});

test("a click counts at once, however slow the network: its link is the chosen one, and no page is blank", async ({
  open,
}) => {
  const page = await open("readonly");
  // As most people have it: the skeleton comes in by an animation, which must not begin with a pause.
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await page.goto(`${tenant()}/runs`);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  const links = page.getByRole("navigation", { name: "Tenant" });
  const [left, wanted] = [
    links.getByRole("link", { name: "Runs" }),
    links.getByRole("link", { name: "Policies" }),
  ];
  const background = (link: typeof left) =>
    link.evaluate((element) => getComputedStyle(element).backgroundColor);
  const chosen = await background(left);
  const other = await background(wanted);
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/policies\?_rsc=/, async (route) => {
    await held;
    await route.continue();
  });
  await wanted.click();
  await page.mouse.move(640, 0);
  await expect.poll(() => background(wanted)).toBe(chosen);
  expect(await background(left)).toBe(other);
  const skeleton = page.getByRole("main").getByRole("status", { name: "Loading" });
  await expect(skeleton).toBeVisible();
  const pause = await skeleton.evaluate((element) => getComputedStyle(element).animationDelay);
  expect(pause).toBe("0s");
  release();
  await expect(page.getByRole("heading", { level: 1, name: "Policies" })).toBeVisible();
  expect(await background(wanted)).toBe(chosen);
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

test("when code that is wanted cannot be had, the page says so and stays", async ({
  open,
  makeSchedule,
  tolerate,
}) => {
  tolerate(/Failed to load resource|ERR_FAILED|Failed to load chunk/);
  const schedule = await makeSchedule();
  const page = await open("manager");
  await page.goto(`/tenants/${schedule.tenant_id}/backup-schedules?search=${schedule.name}`);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  await page.route(/_next\/static\/chunks\//, (route) => route.abort());
  const menu = page.getByRole("button", { name: `Actions for ${schedule.name}` });
  await menu.click();
  await expect(page.getByText("The service did not answer")).toBeVisible();
  await expect(menu).toHaveAttribute("aria-expanded", "false");
  await expect(page.getByRole("link", { name: schedule.name, exact: true })).toBeVisible();
});
