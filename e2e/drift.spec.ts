import { api, runOnce } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { tooWide } from "./support/fits.ts";
import { go } from "./support/go.ts";
import { drift } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

/** No other test chooses a baseline here, or changes these policies. */
const tenantIndex = 1;
const policy_types = ["deviceShellScript"];

test("a baseline is chosen from a set; what changes then is shown, accepted or denied, and restored", async ({
  open,
  makeSchedule,
}) => {
  test.setTimeout(180_000);
  const schedule = await makeSchedule({ policy_types }, tenantIndex);
  const good = await runOnce(schedule.id, tenantIndex);
  const page = await open("provider", { tenant: tenantIndex });
  const tenant = `/tenants/${schedule.tenant_id}`;
  try {
    await go(page, `${tenant}/backup-sets/${good.backup_set_id}`);
    await page.getByRole("button", { name: "Make it the baseline…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Make it the baseline" }).click();
    await expect(page).toHaveURL(/\/drift$/);
    await expect(page.getByRole("heading", { name: "No drift" })).toBeVisible({ timeout: 60_000 });
    await page.getByRole("button", { name: "Remove…", exact: true }).click();
    const question = page.getByRole("dialog", { name: "Remove the baseline?" });
    await expect(question).toContainText("What was decided stays in the history.");
    expect(await faultsOf(page, "removing the baseline")).toEqual([]);
    await question.getByRole("button", { name: "Keep as it is" }).click();

    await drift(tenantIndex, "deviceManagement/deviceShellScripts");
    await runOnce(schedule.id, tenantIndex);
    const rows = page
      .getByRole("main")
      .getByRole("listitem")
      .filter({ has: page.getByText("New", { exact: true }) });
    // Live: nobody loads the page anew.
    await expect(rows).toHaveCount(3, { timeout: 60_000 });

    const changed = rows.filter({ has: page.getByText(/Changed$/) }).first();
    const name = ((await changed.getByRole("button", { expanded: false }).textContent()) ?? "").trim();
    await changed.getByRole("button", { expanded: false }).click();
    await expect(page.getByText("From the baseline to what is live")).toBeVisible();
    await expect(page.getByRole("radio", { name: "In words" })).toBeChecked();
    expect([...(await faultsOf(page, "drift")), ...(await tooWide(page, "drift"))]).toEqual([]);
    await page.getByRole("button", { name: `Accept…: ${name}`, exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("A pilot until spring");
    expect(await faultsOf(page, "accepting a difference")).toEqual([]);
    // Who types a year of two digits means an end: it is not accepted without one.
    const through = dialog.getByLabel("Accepted through");
    await through.fill("0026-03-31");
    await dialog.getByRole("button", { name: "Accept", exact: true }).click();
    await expect(through).toHaveAccessibleDescription(/Must be a whole date/);
    await expect(through).toBeFocused();
    await expect(rows).toHaveCount(3);
    await through.fill("2099-03-31");
    await expect(through).not.toHaveAccessibleDescription(/Must be a whole date/);
    // Somebody else decides about it meanwhile, and takes that back; the page follows, and the question stays about what was read.
    const { json: found } = await api<{ id: number }[]>(
      "manager",
      "GET",
      `/drift?search=${encodeURIComponent(name)}`,
      undefined,
      tenantIndex,
    );
    const drifts = found.map(({ id }) => ({ id }));
    expect((await api("manager", "POST", "/drift/deny", { drifts }, tenantIndex)).status).toBe(200);
    await expect(rows).toHaveCount(2);
    expect((await api("manager", "POST", "/drift/reopen", { drifts }, tenantIndex)).status).toBe(200);
    await expect(rows).toHaveCount(3);
    await dialog.getByRole("button", { name: "Accept", exact: true }).click();
    await expect(dialog.getByRole("alert")).toContainText("has changed since it was shown");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    // Nothing is typed again by who has read what it is now.
    await page.getByRole("button", { name: `Accept…: ${name}`, exact: true }).click();
    await expect(dialog.getByLabel("Reason")).toHaveValue("A pilot until spring");
    await dialog.getByRole("button", { name: "Accept", exact: true }).click();
    await expect(rows).toHaveCount(2);
    await expect(
      page.getByRole("navigation", { name: "State" }).getByRole("link", { name: "Accepted 1" }),
    ).toBeVisible();

    const other = rows.filter({ has: page.getByText(/Changed$/) });
    const denied = ((await other.getByRole("button", { expanded: false }).textContent()) ?? "").trim();
    await other.getByRole("checkbox").check();
    const bar = page.getByRole("region", { name: "Chosen differences" });
    await bar.getByRole("button", { name: /^Deny…/ }).click();
    await dialog.getByRole("button", { name: "Deny", exact: true }).click();
    await page.getByRole("navigation", { name: "State" }).getByRole("link", { name: "Denied 1" }).click();
    await expect(page).toHaveURL(/state=denied/);
    await page.getByRole("checkbox", { name: `Choose ${denied}`, exact: true }).check();
    await bar.getByRole("button", { name: /^Restore from the baseline…/ }).click();
    await expect(page).toHaveURL(/\/restores\/\d+$/);
    await expect(page.getByRole("button", { name: denied, exact: true })).toBeVisible({ timeout: 60_000 });
    await go(page, "/tenants");
    await expect(page.getByRole("link", { name: "2", exact: true })).toHaveAttribute(
      "href",
      `${tenant}/drift?state=active`,
    );
  } finally {
    await api("manager", "DELETE", "/baseline", undefined, tenantIndex);
  }
});

test("types that were chosen of one set say nothing of another", async ({ open, makeSchedule }) => {
  const [one, other] = [
    await makeSchedule({ policy_types }, tenantIndex),
    await makeSchedule({ policy_types: ["deviceCompliancePolicy"] }, tenantIndex),
  ];
  const [first, second] = [await runOnce(one.id, tenantIndex), await runOnce(other.id, tenantIndex)];
  const page = await open("manager", { tenant: tenantIndex });
  await page.goto(`/tenants/${one.tenant_id}/drift`);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  await page.getByRole("button", { name: "Choose a baseline…" }).click();
  const dialog = page.getByRole("dialog", { name: "Choose the baseline" });
  const sets = dialog.getByRole("combobox", { name: "Backup set" });
  const types = dialog.getByRole("checkbox");
  const make = dialog.getByRole("button", { name: "Make it the baseline" });
  await sets.selectOption(String(first.backup_set_id));
  await dialog.getByRole("radio", { name: "Those of some types" }).check();
  await expect(make).toBeDisabled();
  await types.first().check();
  await expect(make).toBeEnabled();
  await sets.selectOption(String(second.backup_set_id));
  await expect(types.first()).toBeVisible();
  await expect(types.first()).not.toBeChecked();
  await expect(make).toBeDisabled();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toHaveCount(0);
});
