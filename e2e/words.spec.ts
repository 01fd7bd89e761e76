import type { ItemComparison } from "#lib/compare/items";
import type { Comparison } from "#lib/compare/schema";
import type { BackupItemView } from "#lib/sets/schema";
import type { PolicyWords, WordRow } from "#lib/words/schema";
import { api, runOnce } from "./support/api.ts";
import { drift } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

/** All rows of a policy, those below others too. */
const rowsOf = (rows: readonly WordRow[]): WordRow[] => rows.flatMap((row) => [row, ...rowsOf(row.children)]);

test("a policy is read in words first and as JSON second, and so are its differences", async ({
  open,
  makeSchedule,
}) => {
  const schedule = await makeSchedule({ policy_types: ["settingsCatalogPolicy", "endpointSecurityPolicy"] });
  await runOnce(schedule.id);
  await drift(0, "deviceManagement/configurationPolicies");
  const { backup_set_id: setId } = await runOnce(schedule.id);
  const { json: comparison } = await api<Comparison>("readonly", "GET", `/backup-sets/${setId}/comparison`);
  const changed = comparison.items.find(({ change }) => change === "changed");
  if (!changed?.left || !changed.right) throw new Error("nothing changed");
  const item = `/backup-sets/${setId}/items/${changed.right.item_id}`;

  // The worker learns what settings are called once the runs have ended.
  await expect(async () => {
    const { json } = await api<PolicyWords>("readonly", "GET", `${item}/words`);
    const settings = rowsOf(json.sections.find(({ key }) => key === "settings")?.rows ?? []);
    expect(settings.length).toBeGreaterThan(0);
    expect(settings.filter(({ name }) => name.includes("_vendor_"))).toEqual([]);
  }).toPass({ timeout: 60_000 });

  const page = await open("readonly");
  const base = `/tenants/${schedule.tenant_id}`;
  await page.goto(base + item);
  await expect(page.getByRole("region", { name: "Settings" })).toBeVisible();
  await expect(page.getByRole("radio", { name: "Summary" })).toBeChecked();
  await expect(page.getByLabel("Stored JSON")).toHaveCount(0);
  await page.getByText("JSON", { exact: true }).click();
  await expect(page.getByLabel("Stored JSON")).toContainText('"assignments"');
  await expect(page).toHaveURL(/view=json/);
  await page.reload();
  await expect(page.getByRole("radio", { name: "JSON" })).toBeChecked();

  // For Intune's portal, whoever may take policies out of the tenant.
  await expect(page.getByRole("link", { name: /JSON for Intune/ })).toHaveCount(0);
  const { json: items } = await api<BackupItemView[]>(
    "readonly",
    "GET",
    `/backup-sets/${setId}/items?policy_type=settingsCatalogPolicy`,
  );
  const manager = await open("manager");
  await manager.goto(`${base}/backup-sets/${setId}/items/${items[0]?.id}`);
  const [file] = await Promise.all([
    manager.waitForEvent("download"),
    manager.getByRole("link", { name: /JSON for Intune/ }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/\.json$/);

  const older = `with_set_id=${comparison.left?.id}&with_item_id=${changed.left.item_id}`;
  const { json } = await api<ItemComparison>("readonly", "GET", `${item}/comparison?${older}`);
  const [difference] = json.words;
  if (difference?.after?.kind !== "text") throw new Error("the first difference is no text");
  await page.goto(`${base}${item}/compare?with_set=${comparison.left?.id}&with_item=${changed.left.item_id}`);
  await expect(page.getByRole("radio", { name: "In words" })).toBeChecked();
  const line = page.getByRole("listitem").filter({ hasText: difference.name }).first();
  await expect(line.getByRole("insertion")).toContainText(difference.after.text);
});
