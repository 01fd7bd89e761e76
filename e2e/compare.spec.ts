import type { Page } from "@playwright/test";
import type { ItemComparison } from "#lib/compare/items";
import type { Comparison, ComparisonRow } from "#lib/compare/schema";
import type { Schedule } from "#lib/schedules/schema";
import { api, runOnce, type ScheduleWish, wishedSchedule } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { demo } from "./support/demo.ts";
import { demoSetId } from "./support/places.ts";
import { drift } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

/** Every type that is read from the collection in which the sandbox changes policies. */
const wish: ScheduleWish = {
  policy_types: ["settingsCatalogPolicy", "endpointSecurityPolicy", "securityBaselinePolicy"],
};

/** Two sets of a schedule of these tests' own, between which administrators changed policies. Nothing here changes them. */
async function makeChangedSets() {
  const { json: schedule } = await api<Schedule>(
    "manager",
    "POST",
    "/backup-schedules",
    wishedSchedule(wish),
  );
  await runOnce(schedule.id);
  await drift(0, "deviceManagement/configurationPolicies");
  const { backup_set_id: setId } = await runOnce(schedule.id);
  const { json } = await api<Comparison>("readonly", "GET", `/backup-sets/${setId}/comparison`);
  const changed = json.items.filter((row) => row.change === "changed");
  return { schedule, setId, comparison: json, changed };
}

let sets: Awaited<ReturnType<typeof makeChangedSets>>;
test.beforeAll(async () => {
  sets = await makeChangedSets();
});
test.afterAll(async () => {
  await api("manager", "DELETE", `/backup-schedules/${sets.schedule.id}`);
});

/** What the API says differs in one policy. */
async function differences(comparison: Comparison, row: ComparisonRow) {
  const query = `with_set_id=${comparison.left?.id}&with_item_id=${row.left?.item_id}`;
  const path = `/backup-sets/${comparison.right.id}/items/${row.right?.item_id}/comparison?${query}`;
  return (await api<ItemComparison>("readonly", "GET", path)).json.changes;
}

test("who searches goes on typing when nothing matches, and when something does again", async ({ open }) => {
  const { schedule, setId, changed } = sets;
  const page = await open("readonly");
  await page.goto(`/tenants/${schedule.tenant_id}/backup-sets/${setId}/compare`);
  const search = page.getByRole("searchbox", { name: "Search policies by name" });
  const name = changed[0]?.display_name ?? "";
  await search.click();
  await page.keyboard.type(`${name}zz`);
  await expect(page.getByRole("heading", { name: "No policy matches" })).toBeVisible();
  await expect(search).toBeFocused();
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Backspace");
  await expect(page.getByRole("button", { name, exact: true })).toBeVisible();
  await expect(search).toBeFocused();
  await expect(search).toHaveValue(name);
});

const overflowOf = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

test("a run's changes lead to the differences of each policy, the right values at the right paths", async ({
  open,
}) => {
  const { schedule, comparison, changed } = sets;
  const [one, other] = changed;
  if (!one || !other) throw new Error("The sandbox changed too little.");
  const page = await open("readonly");
  await page.goto(`/tenants/${schedule.tenant_id}/runs?schedule=${schedule.id}`);
  await page
    .getByRole("link", { name: /\d+ changed/ })
    .first()
    .click();

  await expect(page.getByRole("heading", { level: 1, name: "Compare" })).toBeVisible();
  await expect(
    page.getByText(`Set ${comparison.right.id} with set ${comparison.left?.id}, made`),
  ).toBeVisible();
  const kinds = page.getByRole("navigation", { name: "Kind of change" });
  await expect(kinds.getByRole("link", { name: `Changed ${comparison.counts.changed}` })).toBeVisible();

  const row = page.getByRole("button", { name: one.display_name, exact: true });
  await row.click();
  const unfolded = page.getByRole("region", { name: `Differences of ${one.display_name}` });
  await unfolded.getByText("Changes", { exact: true }).click();
  for (const { path, after } of await differences(comparison, one)) {
    const change = unfolded.getByRole("listitem").filter({ hasText: path.at(-1) ?? "" });
    await expect(change.first()).toBeVisible();
    if (typeof after === "string") await expect(unfolded).toContainText(after.split(/\r?\n/).at(-1) ?? "");
  }
  await row.click();
  await expect(unfolded).toBeHidden();

  await page
    .getByRole("link", { name: `Open the differences of ${one.display_name} on a page of their own` })
    .click();
  await expect(page.getByRole("heading", { level: 1, name: one.display_name })).toBeVisible();
  await page.getByText("Side by side JSON").click();
  const lines = page.getByRole("region", { name: "Line by line" });
  await expect(lines.getByRole("insertion").first()).toBeVisible();
  await expect(page).toHaveURL(/view=json/);

  await page.getByRole("link", { name: `Next changed policy: ${other.display_name}` }).click();
  await expect(page.getByRole("heading", { level: 1, name: other.display_name })).toBeVisible();
  // The page shows a policy a moment before it listens to keys; at the first policy the key does nothing more.
  await expect(async () => {
    await page.getByRole("heading", { level: 1 }).press("k");
    await expect(page.getByRole("heading", { level: 1, name: one.display_name })).toBeVisible({
      timeout: 2_000,
    });
  }).toPass();

  await page.getByRole("link", { name: "Compare", exact: false }).first().click();
  await kinds.getByRole("link", { name: /^Removed/ }).click();
  await expect(page).toHaveURL(/change=removed/);
  const removed = comparison.items.filter((each) => each.change === "removed");
  for (const { display_name } of removed) {
    await expect(page.getByRole("main").getByRole("link", { name: display_name, exact: true })).toBeVisible();
  }
  await expect(page.getByRole("button", { name: one.display_name, exact: true })).toHaveCount(0);
});

test("another set is chosen by its number, and both sides are swapped", async ({ open, makeSchedule }) => {
  const { schedule, comparison } = sets;
  const [left, right] = [comparison.left?.id, comparison.right.id];
  const { backup_set_id: another } = await runOnce((await makeSchedule()).id);
  const page = await open("readonly");
  await page.goto(`/tenants/${schedule.tenant_id}/backup-sets/${right}/compare`);
  await page.getByRole("link", { name: "Swap both sets" }).click();
  await expect(page.getByText(`Set ${left} with set ${right}, made`)).toBeVisible();

  await page.getByRole("button", { name: /^Before/ }).click();
  await page.getByRole("combobox", { name: "Search sets" }).fill(`set ${another}`);
  await page.getByRole("option", { name: new RegExp(`^Set ${another}\\b`) }).click();
  await expect(page).toHaveURL(new RegExp(`/${left}/compare\\?with=${another}$`));
  await expect(page.getByText(`with set ${another} of`)).toBeVisible();
});

test("another set on either side, and the swap, keep what of the comparison is shown", async ({
  open,
  makeSchedule,
}) => {
  const { schedule, comparison } = sets;
  const [left, right] = [comparison.left?.id, comparison.right.id];
  const { backup_set_id: another } = await runOnce((await makeSchedule()).id);
  const page = await open("readonly");
  const base = `/tenants/${schedule.tenant_id}/backup-sets`;
  const shown = "type=settingsCatalogPolicy&search=a";
  await page.goto(`${base}/${right}/compare?change=added&${shown}`);
  await page.getByRole("link", { name: "Swap both sets" }).click();
  // What was added the one way was removed the other.
  await expect(page).toHaveURL(`${base}/${left}/compare?with=${right}&change=removed&${shown}`);
  for (const [side, address] of [
    ["After", `${another}/compare?with=${right}`],
    ["Before", `${another}/compare?with=${left}`],
  ] as const) {
    const wanted = side === "After" ? another : left;
    await page.getByRole("button", { name: new RegExp(`^${side}`) }).click();
    await page.getByRole("combobox", { name: "Search sets" }).fill(`set ${wanted}`);
    await page.getByRole("option", { name: new RegExp(`^Set ${wanted}\\b`) }).click();
    await expect(page).toHaveURL(`${base}/${address}&change=removed&${shown}`);
  }

  const [here, there] = demo().tenants;
  const across = await open("provider");
  const [hereId, thereId] = [await demoSetId(0), await demoSetId(1)];
  await across.goto(
    `/tenants/${here?.id}/backup-sets/${hereId}/compare/tenants?tenant=${there?.id}&set=${thereId}&change=added&${shown}`,
  );
  await across.getByRole("link", { name: "Swap both sets" }).click();
  await expect(across).toHaveURL(
    `/tenants/${there?.id}/backup-sets/${thereId}/compare/tenants?tenant=${here?.id}&set=${hereId}&change=removed&${shown}`,
  );
});

test("the first set of a schedule, and a set without a change, say so in words", async ({
  open,
  makeSchedule,
}) => {
  // A type whose policies no test changes.
  const schedule = await makeSchedule({ policy_types: ["deviceCompliancePolicy"] });
  const first = await runOnce(schedule.id);
  const second = await runOnce(schedule.id);
  const page = await open("readonly");
  const path = `/tenants/${schedule.tenant_id}/backup-sets`;
  await page.goto(`${path}/${first.backup_set_id}/compare`);
  await expect(page.getByRole("heading", { name: "Nothing to compare with yet" })).toBeVisible();
  await page.goto(`${path}/${second.backup_set_id}/compare`);
  const calm = `Nothing changed between set ${first.backup_set_id} and set ${second.backup_set_id}`;
  await expect(page.getByRole("heading", { name: calm })).toBeVisible();
});

test("two tenants are compared by the names of their policies, by who is a member of both", async ({
  open,
}) => {
  const [here, there] = demo().tenants;
  if (!here || !there) throw new Error("The demo has one tenant only.");
  const page = await open("provider");
  await page.goto(`/tenants/${here.id}/backup-sets/${await demoSetId(0)}/compare`);
  await page.getByRole("link", { name: "With another tenant" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Compare with another tenant" })).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Other tenant" })).toHaveValue(String(there.id));
  await expect(page.getByText("numbers or names for itself are not compared")).toBeVisible();
  const kinds = page.getByRole("navigation", { name: "Kind of change" });
  await expect(kinds.getByRole("link", { name: `Only in ${there.name}`, exact: false })).toBeVisible();
  await kinds.getByRole("link", { name: /^Different/ }).click();
  await expect(page).toHaveURL(/change=changed/);
  expect(await faultsOf(page, "two tenants")).toEqual([]);
});

test("a set of a tenant that is not the viewer's is not there to compare with", async ({
  open,
  makeSchedule,
}) => {
  const there = demo().tenants[1];
  const { tenant_id, backup_set_id } = await runOnce((await makeSchedule()).id);
  const page = await open("owner");
  await page.goto(`/tenants/${tenant_id}/backup-sets/${backup_set_id}/compare/tenants?tenant=${there?.id}`);
  await expect(page.getByText("You are a member of one tenant only")).toBeVisible();
});

test("a comparison and its differences have no fault that axe can find", async ({ open }) => {
  const { schedule, setId, comparison, changed } = sets;
  const page = await open("readonly", { reducedMotion: "reduce" });
  const base = `/tenants/${schedule.tenant_id}/backup-sets/${setId}`;
  await page.goto(`${base}/compare`);
  await page.getByRole("button", { name: /^Open all/ }).click();
  await expect(page.getByRole("radio", { name: "Changes" })).toHaveCount(changed.length);
  const faults = await faultsOf(page, "all differences");
  await page.getByRole("button", { name: /^Before/ }).click();
  await expect(page.getByRole("listbox", { name: "Backup sets" }).getByRole("option").first()).toBeVisible();
  faults.push(...(await faultsOf(page, "the choice of a set")));

  const item = changed[0];
  const address = `${base}/items/${item?.right?.item_id}/compare?with_set=${comparison.left?.id}`;
  for (const view of ["words", "changes", "json"]) {
    await page.goto(`${address}&view=${view}`);
    if (view === "json") await expect(page.getByRole("insertion").first()).toBeVisible();
    else await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    faults.push(...(await faultsOf(page, view)));
  }
  expect(faults).toEqual([]);
});

test("on a phone the differences stand one above the other, and nothing is wider than the screen", async ({
  open,
}) => {
  const { schedule, setId, comparison, changed } = sets;
  const page = await open("readonly", { viewport: { width: 390, height: 844 } });
  const base = `/tenants/${schedule.tenant_id}/backup-sets/${setId}`;
  await page.goto(`${base}/compare`);
  await page.getByRole("button", { name: /^Open all/ }).click();
  await expect(page.getByRole("radio", { name: "Changes" })).toHaveCount(changed.length);
  expect(await overflowOf(page)).toBeLessThanOrEqual(0);
  await page.goto(
    `${base}/items/${changed[0]?.right?.item_id}/compare?with_set=${comparison.left?.id}&view=json`,
  );
  const [removed, added] = [
    page.getByRole("deletion").filter({ visible: true }).first(),
    page.getByRole("insertion").filter({ visible: true }).first(),
  ];
  await expect(removed).toBeVisible();
  const [above, below] = [await removed.boundingBox(), await added.boundingBox()];
  expect(above?.x).toBe(below?.x);
  expect(await overflowOf(page)).toBeLessThanOrEqual(0);
});
