import type { Locator } from "@playwright/test";
import type { Comparison } from "#lib/compare/schema";
import type { Names } from "#lib/names/names";
import type { Restore } from "#lib/restore/schema";
import { api, runOnce } from "./support/api.ts";
import { drift, writer } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

/** The demo's tenant that this restores in. No other test changes its compliance policies, or saves how to write to it. */
const tenantIndex = 1;
const mostClicks = 8;

/** The ids in a set's policies behind which there was nothing any more. */
async function goneIds(setId: number | null): Promise<string[]> {
  const { json } = await api<{ names: Names }>(
    "readonly",
    "GET",
    `/backup-sets/${setId}/names`,
    undefined,
    tenantIndex,
  );
  return Object.values(json.names).flatMap((ofKind) =>
    Object.entries(ofKind).flatMap(([id, { name }]) => (name === null ? [id] : [])),
  );
}

async function contentOf(setId: number | null, itemId: number | undefined): Promise<string> {
  const path = `/backup-sets/${setId}/items/${itemId}/content`;
  const { json } = await api<object>("readonly", "GET", path, undefined, tenantIndex);
  return JSON.stringify(json).toLowerCase();
}

test("who finds a broken policy in the comparison has it back, and equal, in eight clicks", async ({
  open,
  makeSchedule,
}) => {
  test.setTimeout(180_000);
  const schedule = await makeSchedule({ policy_types: ["deviceCompliancePolicy"] }, tenantIndex);
  const good = await runOnce(schedule.id, tenantIndex);
  await drift(tenantIndex, "deviceManagement/deviceCompliancePolicies", 12);
  const broken = await runOnce(schedule.id, tenantIndex);
  const comparisonOf = async (setId: number | null) => {
    const path = `/backup-sets/${setId}/comparison?with_set_id=${good.backup_set_id}`;
    return (await api<Comparison>("readonly", "GET", path, undefined, tenantIndex)).json;
  };
  const before = await comparisonOf(broken.backup_set_id);
  // One whose groups are all there: what refers to a deleted one waits for a person's decision.
  const gone = await goneIds(good.backup_set_id);
  const changed = before.items.filter((row) => row.change === "changed");
  const contents = await Promise.all(changed.map((row) => contentOf(good.backup_set_id, row.left?.item_id)));
  const policy = changed.find((_, at) => !gone.some((id) => contents[at]?.includes(id)));
  if (!policy?.left) throw new Error("The sandbox changed no policy whose groups are all there.");

  const page = await open("owner", { tenant: tenantIndex });
  const tenant = `/tenants/${schedule.tenant_id}`;
  await page.goto(`${tenant}/runs?schedule=${schedule.id}`);
  const { clientId: client_id, clientSecret: credential } = await writer(tenantIndex);
  const saved = await page.request.put(`/api${tenant}/write-connection`, {
    headers: { origin: new URL(page.url()).origin },
    data: { client_id, credential_kind: "secret", credential, keep_hours: null },
  });
  expect(saved.status()).toBe(200);

  let clicks = 0;
  const click = async (what: Locator) => {
    clicks += 1;
    await what.click();
  };
  await click(page.getByRole("link", { name: /\d+ changed/ }).first());
  await click(page.getByRole("button", { name: policy.display_name, exact: true }));
  await click(
    page.getByRole("button", {
      name: `Restore the version of set ${good.backup_set_id}: ${policy.left.display_name}`,
      exact: true,
    }),
  );
  await click(page.getByRole("dialog").getByRole("button", { name: "Make the plan" }));
  await expect(page).toHaveURL(/\/restores\/\d+$/);
  const reason = page.getByLabel("Reason");
  await expect(page.getByText("1 policy would be written: 1 updated.")).toBeVisible({ timeout: 60_000 });
  await click(reason);
  await reason.fill("Somebody changed it by mistake");
  await click(page.getByRole("button", { name: "Restore 1 policy" }));
  await click(page.getByRole("dialog").getByRole("button", { name: "Write 1 policy" }));
  await expect(page.getByText("1 policy was written, read back, and is equal to the backup.")).toBeVisible({
    timeout: 90_000,
  });
  expect(clicks).toBeLessThanOrEqual(mostClicks);

  // What the page says is what a backup finds: this policy as it was, and no other touched.
  const restored = await runOnce(schedule.id, tenantIndex);
  const after = await comparisonOf(restored.backup_set_id);
  const others = before.items.filter(({ left }) => left?.graph_id !== policy.left?.graph_id);
  const sayingOf = (rows: Comparison["items"]) =>
    rows.map(({ change, left, right }) => [change, (left ?? right)?.graph_id]);
  expect(sayingOf(after.items)).toEqual(sayingOf(others));
  const id = Number(/\d+$/.exec(page.url())?.[0]);
  const { json: done } = await api<Restore>("readonly", "GET", `/restores/${id}`, undefined, tenantIndex);
  expect(done).toMatchObject({ status: "done", reason: "Somebody changed it by mistake" });
  expect(done.before_set_id).not.toBeNull();

  // Back again: an undo is a plan as well, and here two people have to want it.
  const put = async (path: string, data: object) => {
    const headers = { origin: new URL(page.url()).origin };
    expect((await page.request.put(`/api${tenant}${path}`, { headers, data })).status(), path).toBe(200);
  };
  const { json: settings } = await api<object>("owner", "GET", "/restore-settings", undefined, tenantIndex);
  await put("/write-connection", { client_id, credential_kind: "secret", credential, keep_hours: null });
  await put("/restore-settings", { ...settings, two_people: true });
  await page.getByRole("button", { name: "Undo…" }).click();
  await expect(page).not.toHaveURL(new RegExp(`/restores/${id}$`));
  await expect(page.getByText("1 policy would be written: 1 updated.")).toBeVisible({ timeout: 60_000 });
  await reason.fill("It was right before");
  await page.getByRole("button", { name: "Ask for approval…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Ask for approval" }).click();
  await expect(page.getByText("You asked for it, so another owner has to approve it.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Approve…" })).toHaveCount(0);
  const other = await open("provider", { tenant: tenantIndex });
  await other.goto(page.url());
  await expect(other.getByText("The reason: “It was right before”")).toBeVisible();
  await other.getByRole("button", { name: "Approve…" }).click();
  await other.getByRole("dialog").getByRole("button", { name: "Approve and write 1 policy" }).click();
  // Who asked sees it happen.
  await expect(page.getByText("1 policy was written, read back, and is equal to the backup.")).toBeVisible({
    timeout: 90_000,
  });
  const undone = await runOnce(schedule.id, tenantIndex);
  expect(sayingOf((await comparisonOf(undone.backup_set_id)).items)).toEqual(sayingOf(before.items));
  await put("/restore-settings", settings);
});
