import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";
import pg from "pg";
import type { Comparison } from "#lib/compare/schema";
import type { Schedule } from "#lib/schedules/schema";
import type { ExportManifest } from "#lib/sets/export";
import type { BackupItemView, ListedBackupSet } from "#lib/sets/schema";
import { api, runOnce, type ScheduleWish } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { demo } from "./support/demo.ts";
import { tooWide } from "./support/fits.ts";
import { person } from "./support/people.ts";
import { drift } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

/** A type that no other test captures: nobody else's sets share its stored policies. */
const ownType = "namedLocation";

type MakeSchedule = (wish?: ScheduleWish) => Promise<Schedule>;

/** A schedule of the test's own with a number of sets, oldest first. */
async function setsOf(makeSchedule: MakeSchedule, count: number, wish: ScheduleWish = {}) {
  const schedule = await makeSchedule(wish);
  const ids: number[] = [];
  for (let made = 0; made < count; made += 1) ids.push((await runOnce(schedule.id)).backup_set_id ?? 0);
  return { schedule, ids };
}

const tenantPath = () => `/tenants/${person("manager").tenant.id}`;
const setPath = (id: number | undefined) => `${tenantPath()}/backup-sets/${id}`;

const rowOf = (page: Page, setId: number | undefined) =>
  page.getByRole("row").filter({ has: page.getByRole("link", { name: `Set ${setId}`, exact: true }) });

async function itemsOf(setId: number | undefined): Promise<BackupItemView[]> {
  return (await api<BackupItemView[]>("readonly", "GET", `/backup-sets/${setId}/items`)).json;
}

test("an operator verifies a set, and all sets, and is told the result", async ({ open, makeSchedule }) => {
  const { ids } = await setsOf(makeSchedule, 1);
  const page = await open("operator");
  await page.goto(setPath(ids[0]));
  await expect(page.getByText("Not verified yet.")).toBeVisible();
  await page.getByRole("button", { name: "Verify now" }).click();
  await expect(page.getByText(`Set ${ids[0]} is whole`)).toBeVisible();
  await expect(page.getByRole("main").getByText(/Whole\.\s*Verified just now/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Pin" })).toHaveCount(0);

  await page.goto(`${tenantPath()}/backup-sets`);
  await page.getByRole("button", { name: "Verify all" }).click();
  const dialog = page.getByRole("dialog", { name: "Verify all backup sets" });
  await dialog.getByRole("button", { name: "Verify all" }).click();
  await expect(dialog.getByText(/^\d+ of \d+ sets verified|^All \d+ sets verified/)).toBeVisible();
  await expect(dialog.getByText(/^All \d+ sets verified: /)).toBeVisible({ timeout: 45_000 });
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await expect(rowOf(page, ids[0])).toContainText(/just now|min ago/);
});

test("a manager pins a set and takes it back with Undo", async ({ open, makeSchedule }) => {
  const { ids } = await setsOf(makeSchedule, 1);
  const page = await open("manager");
  await page.goto(setPath(ids[0]));
  await page.getByRole("button", { name: "Pin", exact: true }).click();
  // The toast goes away by itself: first it, then the page.
  await page.getByRole("button", { name: "Undo" }).first().click();
  await expect(page.getByText(`Set ${ids[0]} is no longer pinned`)).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await expect(page.getByText("This set is pinned")).toBeVisible();
  await expect(page.getByText("it stays until somebody unpins it")).toBeVisible();
  await page.getByRole("button", { name: "Unpin", exact: true }).click();
  await expect(page.getByText("This set is pinned")).toHaveCount(0);
  const { json } = await api<ListedBackupSet>("readonly", "GET", `/backup-sets/${ids[0]}`);
  expect(json.pinned_at).toBeNull();
});

test("the export is a ZIP in which every file is what its manifest says", async ({ open, makeSchedule }) => {
  const { ids } = await setsOf(makeSchedule, 1, { policy_types: ["conditionalAccessPolicy", ownType] });
  const items = await itemsOf(ids[0]);
  expect(items.length).toBeGreaterThan(1);
  const page = await open("manager");
  await page.goto(setPath(ids[0]));
  const exported = page.getByRole("link", { name: /^Export ZIP/ });
  await expect(exported).toContainText(`${items.length} files`);
  const [download] = await Promise.all([page.waitForEvent("download"), exported.click()]);
  expect(download.suggestedFilename()).toMatch(/\.zip$/);

  configure({ useWebWorkers: false });
  const reader = new ZipReader(new Uint8ArrayReader(await readFile(await download.path())));
  const files = new Map<string, Uint8Array>();
  for (const entry of await reader.getEntries()) {
    if (!entry.directory) files.set(entry.filename, await entry.getData(new Uint8ArrayWriter()));
  }
  const manifest = JSON.parse(Buffer.from(files.get("manifest.json") ?? []).toString()) as ExportManifest;
  expect(manifest.missing).toEqual([]);
  expect(manifest.files.map((file) => file.policy_sha256).sort()).toEqual(
    items.map((item) => item.sha256).sort(),
  );
  expect([...files.keys()].sort()).toEqual(
    [...manifest.files.map((file) => file.path), "ids.json", "manifest.json"].sort(),
  );
  const names = manifest.ids && "path" in manifest.ids ? [manifest.ids] : [];
  expect(names).toHaveLength(1);
  for (const file of [...manifest.files, ...names]) {
    const hash = createHash("sha256").update(files.get(file.path) ?? "");
    expect(hash.digest("hex"), file.path).toBe(file.sha256);
  }
});

test("of a set one documents what its list shows, or all of it", async ({ open, makeSchedule }) => {
  const { ids } = await setsOf(makeSchedule, 1, { policy_types: ["conditionalAccessPolicy", ownType] });
  const items = await itemsOf(ids[0]);
  const ofType = items.filter(({ policy_type }) => policy_type === ownType);
  expect(ofType.length).toBeGreaterThan(0);
  expect(ofType.length).toBeLessThan(items.length);
  const page = await open("manager");
  await page.goto(`${setPath(ids[0])}?type=${ownType}`);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  const documented = async (what: "whole" | "shown") => {
    await page.getByRole("button", { name: "Document…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("combobox", { name: "What" }).selectOption(what);
    await dialog.getByRole("combobox", { name: "Format" }).selectOption("markdown");
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      dialog.getByRole("button", { name: "Download" }).click(),
    ]);
    await expect(dialog).toHaveCount(0);
    return readFile(await file.path(), "utf8");
  };
  expect((await documented("shown")).match(/^### /gm)).toHaveLength(ofType.length);
  expect((await documented("whole")).match(/^### /gm)).toHaveLength(items.length);
});

test("a set goes to the bin, in words, and comes back pinned; the last complete one cannot", async ({
  open,
  makeSchedule,
}) => {
  const { schedule, ids } = await setsOf(makeSchedule, 2);
  const [older, newer] = ids;
  const page = await open("manager");
  await page.goto(setPath(newer));
  await page.getByRole("button", { name: "More actions" }).click();
  const refused = page.getByRole("menuitem", { name: /Remove/ });
  await expect(refused).toBeDisabled();
  await expect(refused).toContainText("The last complete set is never removed");
  await page.keyboard.press("Escape");

  await page.goto(setPath(older));
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  const question = page.getByRole("dialog", { name: `Remove backup set ${older}?` });
  await expect(question).toContainText("goes to the bin until");
  const faults = await faultsOf(page, "removing a set");
  await question.getByRole("button", { name: "Move to the bin" }).click();
  await expect(page.getByText("This set is in the bin")).toBeVisible();
  await expect(page.getByText("It can be taken out until")).toBeVisible();

  const list = `${tenantPath()}/backup-sets?schedule=${schedule.id}`;
  await page.goto(list);
  const rows = page.getByRole("row").filter({ hasText: /Set \d+/ });
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("Last complete");
  await page.getByRole("link", { name: "Bin 1" }).click();
  const binned = rowOf(page, older);
  await expect(binned).toContainText("in 7 days");
  await expect(binned).toContainText(/by \S/);
  await binned.getByRole("button", { name: `Take out of the bin: set ${older}` }).click();
  const asked = page.getByRole("dialog", { name: `Take backup set ${older} out of the bin?` });
  await expect(asked).toContainText("is pinned");
  faults.push(...(await faultsOf(page, "taking a set out of the bin")));
  expect(faults).toEqual([]);
  await asked.getByRole("button", { name: "Take it out" }).click();
  await expect(page.getByText("The bin is empty")).toBeVisible();
  await page.getByRole("link", { name: "Kept 2" }).click();
  await expect(rows).toHaveCount(2);
  await expect(rowOf(page, older)).toContainText("Pinned");
});

test("the sets of a deleted schedule stay, under its name", async ({ open, makeSchedule }) => {
  const { schedule } = await setsOf(makeSchedule, 1);
  await api("manager", "POST", "/backup-schedules/bulk/delete", { schedule_ids: [schedule.id] });
  const page = await open("readonly");
  await page.goto(`${tenantPath()}/backup-sets`);
  // The page may not listen yet when it is already there to see.
  await expect(async () => {
    await page.getByRole("combobox", { name: "Schedule" }).selectOption("");
    await page.getByRole("combobox", { name: "Schedule" }).selectOption(String(schedule.id));
    await expect(page).toHaveURL(new RegExp(`schedule=${schedule.id}`), { timeout: 3000 });
  }).toPass();
  await expect(page.getByRole("row").filter({ hasText: /Set \d+/ })).toContainText(
    `${schedule.name} (deleted)`,
  );
});

test("damage is loud wherever sets are, and names the policy; what is damaged is not shown", async ({
  open,
  makeSchedule,
}) => {
  const { ids } = await setsOf(makeSchedule, 1, { policy_types: [ownType] });
  const [hurt, whole] = await itemsOf(ids[0]);
  if (!hurt || !whole) throw new Error("The sandbox has too few of the type.");
  const restore = await damage(hurt.sha256);
  const page = await open("operator");
  try {
    await page.goto(setPath(ids[0]));
    await page.getByRole("button", { name: "Verify now" }).click();
    const alert = page.getByRole("main").getByRole("alert").filter({ hasText: "This backup set is damaged" });
    await expect(alert).toContainText(`The stored copy of "${hurt.display_name}" is damaged`);
    await expect(alert).not.toContainText(whole.display_name);
    await expect(alert).toContainText("What to do:");

    await page.goto(`${tenantPath()}/backup-sets`);
    const above = page
      .getByRole("main")
      .getByRole("alert")
      .filter({ hasText: `Set ${ids[0]}` });
    await expect(above).toContainText(hurt.display_name);
    await expect(rowOf(page, ids[0])).toContainText("Damaged");

    await page.goto(`${setPath(ids[0])}/items/${hurt.id}`);
    await expect(page.getByText("This stored policy is damaged")).toBeVisible();
    await expect(page.getByLabel("Stored JSON")).toHaveCount(0);
  } finally {
    await restore();
    await api("operator", "POST", `/backup-sets/${ids[0]}/verify`);
  }
  await page.goto(setPath(ids[0]));
  await expect(page.getByText(/Whole\.\s*Verified/)).toBeVisible();
});

/** Flips a bit in a stored policy of the first tenant, as a disk might. @returns what repairs it */
async function damage(sha256: string): Promise<() => Promise<void>> {
  const flip = async () => {
    const client = new pg.Client(demo().database_url);
    await client.connect();
    try {
      await client.query("BEGIN");
      await client.query("SET LOCAL session_replication_role = replica");
      const { rowCount } = await client.query(
        `UPDATE snapshots SET content = set_byte(content, length(content) / 2, get_byte(content, length(content) / 2) # 1)
         WHERE tenant_id = $1 AND sha256 = $2`,
        [person("manager").tenant.id, sha256],
      );
      await client.query("COMMIT");
      expect(rowCount).toBe(1);
    } finally {
      await client.end();
    }
  };
  await flip();
  return flip;
}

test("a policy's JSON is folded, searched and copied, with the keyboard too", async ({
  open,
  makeSchedule,
}) => {
  const { ids } = await setsOf(makeSchedule, 1, { policy_types: ["conditionalAccessPolicy"] });
  const [item] = await itemsOf(ids[0]);
  const page = await open("readonly", { permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto(setPath(ids[0]));
  await page.getByRole("link", { name: item?.display_name ?? "", exact: true }).click();
  await page.getByRole("dialog").getByText("JSON", { exact: true }).click();
  const json = page.getByRole("dialog").getByLabel("Stored JSON");
  await expect(json).toContainText('"conditions"');
  await page.reload();
  const view = page.getByLabel("Stored JSON");
  await expect(view).toContainText('"conditions"');

  const conditions = view.getByRole("button", { name: /^conditions, \d+ propert/ });
  await expect(conditions).toHaveAttribute("aria-expanded", "true");
  await conditions.click();
  await expect(conditions).toHaveAttribute("aria-expanded", "false");
  await expect(view).not.toContainText('"clientAppTypes"');
  await page.keyboard.press("ArrowRight");
  await expect(view).toContainText('"clientAppTypes"');
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Home");
  await expect(view.getByRole("button", { name: /^Document,/ })).toBeFocused();

  await page.getByRole("button", { name: "Fold all", exact: true }).click();
  await expect(view.getByRole("button", { expanded: true })).toHaveCount(1);
  await page.getByRole("searchbox", { name: "Find in this policy" }).fill("clientAppTypes");
  await expect(page.getByText(/^1 of \d+$/)).toBeVisible();
  await expect(view).toContainText('"clientAppTypes"');
  await page.getByRole("button", { name: "Unfold all" }).click();
  await expect(view.getByRole("button", { expanded: false })).toHaveCount(0);

  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByText(/^Copied .* of JSON\.$/)).toBeVisible();
  const { json: stored } = await api("readonly", "GET", `/backup-sets/${ids[0]}/items/${item?.id}/content`);
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(JSON.stringify(stored, null, 2));
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download" }).click(),
  ]);
  expect(JSON.parse(await readFile(await download.path(), "utf8"))).toEqual(stored);
});

test("a policy is found by name, and its history leads to its versions and what changed", async ({
  open,
  makeSchedule,
}) => {
  // The second tenant: other tests change policies in the first, at any time.
  const { tenant } = person("readonly", 1);
  const schedule = await makeSchedule(
    { policy_types: ["settingsCatalogPolicy", "endpointSecurityPolicy", "securityBaselinePolicy"] },
    1,
  );
  await runOnce(schedule.id, 1);
  await drift(1, "deviceManagement/configurationPolicies");
  const { backup_set_id } = await runOnce(schedule.id, 1);
  const path = `/backup-sets/${backup_set_id}/comparison?changes=changed`;
  const { json: comparison } = await api<Comparison>("readonly", "GET", path, undefined, 1);
  const changed = comparison.items[0]?.right;
  if (!changed) throw new Error("The sandbox changed no policy.");

  const page = await open("readonly", { tenant: 1 });
  await page.goto(`/tenants/${tenant.id}/policies`);
  await page.getByRole("searchbox", { name: "Search by name or id" }).fill(changed.graph_id);
  const row = page
    .getByRole("row")
    .filter({ has: page.getByRole("link", { name: changed.display_name, exact: true }) });
  await expect(row).toContainText("In the newest set");
  await row.getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name: changed.display_name })).toBeVisible();
  const versions = page.getByRole("list", { name: "Versions, newest first" }).getByRole("listitem");
  await expect(versions.nth(1)).toBeVisible();
  await versions
    .first()
    .getByRole("link", { name: /^What changed since version/ })
    .click();
  await expect(page).toHaveURL(/\/items\/\d+\/compare\?with_set=\d+&with_item=\d+/);
  await page.goBack();
  await versions.last().getByRole("link", { name: "Read this version" }).click();
  await page.getByText("JSON", { exact: true }).click();
  await expect(page.getByLabel("Stored JSON")).toContainText(changed.graph_id);
  await page.getByRole("link", { name: "History of this policy" }).click();
  await expect(versions.nth(1)).toBeVisible();
});

test("what is chosen to be restored stays chosen while somebody searches for what is not there", async ({
  open,
  makeSchedule,
}) => {
  const { ids } = await setsOf(makeSchedule, 1);
  const [item] = await itemsOf(ids[0]);
  const name = item?.display_name ?? "";
  const page = await open("manager");
  await page.goto(setPath(ids[0]));
  await expect(page.locator("[data-live=open]")).toBeAttached();
  const box = page.getByRole("checkbox", { name: `Choose ${name}`, exact: true });
  const chosen = page.getByRole("region", { name: "Chosen policies" });
  await box.check();
  await expect(chosen).toContainText("1 policy chosen");
  const search = page.getByRole("searchbox", { name: "Search items by name" });
  await search.fill("zzz");
  await expect(page.getByRole("heading", { name: "No item matches" })).toBeVisible();
  await expect(chosen).toContainText("1 policy chosen");
  await expect(page.getByRole("checkbox", { name: "Choose all that are shown" })).toHaveCount(0);
  await search.fill("");
  await expect(box).toBeChecked();
  await expect(chosen).toContainText("1 policy chosen");
});

test("readonly reads all of it and may change none", async ({ open, makeSchedule }) => {
  const { ids } = await setsOf(makeSchedule, 2);
  await api("manager", "DELETE", `/backup-sets/${ids[0]}`);
  const page = await open("readonly");
  for (const path of [
    "/backup-sets",
    "/backup-sets?bin=1",
    `/backup-sets/${ids[0]}`,
    `/backup-sets/${ids[1]}`,
  ]) {
    await page.goto(`${tenantPath()}${path}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(
      page
        .getByRole("main")
        .getByRole("button", { name: /Verify|Pin|Unpin|Take|Restore|Remove|More actions/ }),
    ).toHaveCount(0);
    await expect(page.getByRole("link", { name: /Export/ })).toHaveCount(0);
  }
  const refused = await page.request.get(`/api${setPath(ids[1])}/export`);
  expect(refused.status()).toBe(403);
});

test("a set in the bin, and the bin, have no accessibility fault, and fit every screen", async ({
  open,
  makeSchedule,
}) => {
  const { ids } = await setsOf(makeSchedule, 2, { policy_types: ["conditionalAccessPolicy"] });
  await api("manager", "DELETE", `/backup-sets/${ids[0]}`);
  const page = await open("manager", { reducedMotion: "reduce" });
  const faults: string[] = [];
  for (const path of ["/backup-sets?bin=1", `/backup-sets/${ids[0]}`]) {
    await page.goto(`${tenantPath()}${path}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    faults.push(...(await faultsOf(page, path)), ...(await tooWide(page, path)));
  }
  expect(faults).toEqual([]);
});
