import type { Locator } from "@playwright/test";
import type { Comparison } from "#lib/compare/schema";
import type { Names } from "#lib/names/names";
import type { Restore } from "#lib/restore/schema";
import type { BackupItemView } from "#lib/sets/schema";
import { onDatabase } from "./support/administrator.ts";
import { api, runOnce, uniqueName } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { tooWide } from "./support/fits.ts";
import { person } from "./support/people.ts";
import { picture } from "./support/picture.ts";
import { drift, liveObjects, make, wantApproval, writer } from "./support/sandbox.ts";
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
  tolerate,
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
  const question = page.getByRole("dialog");
  await expect(question).toContainText("Nothing is deleted.");
  expect(await faultsOf(page, "writing policies")).toEqual([]);
  await click(question.getByRole("button", { name: "Write 1 policy" }));
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
  // Somebody changes the plan meanwhile, and back: what was typed stays.
  const undo = `/restores/${/\d+$/.exec(page.url())?.[0]}`;
  const { json: items } = await api<{ id: number }[]>(
    "manager",
    "GET",
    `${undo}/items`,
    undefined,
    tenantIndex,
  );
  const item_ids = items.map(({ id }) => id);
  for (const [mode, words] of [
    ["copy", "1 created"],
    ["in_place", "1 updated"],
  ] as const) {
    await api("manager", "PATCH", `${undo}/items`, { item_ids, mode }, tenantIndex);
    await expect(page.getByText(`1 policy would be written: ${words}.`)).toBeVisible();
  }
  await expect(reason).toHaveValue("It was right before");
  await page.getByRole("button", { name: "Ask for approval…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Ask for approval" }).click();
  await expect(page.getByText("You asked for it, so another owner has to approve it.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Approve…" })).toHaveCount(0);
  await page.getByRole("button", { name: "Withdraw", exact: true }).click();
  await expect(question).toContainText("The restore is a plan again.");
  expect(await faultsOf(page, "withdrawing a request")).toEqual([]);
  await question.getByRole("button", { name: "Keep as it is" }).click();
  const other = await open("provider", { tenant: tenantIndex });
  // One who hears nothing of what becomes of the plan.
  tolerate(/\/live\b/);
  await other.route(/\/live\b/, (route) => route.abort());
  await other.goto(page.url());
  await expect(other.getByText("The reason: “It was right before”")).toBeVisible();
  const approval = other.getByRole("dialog");
  // The page may not listen yet when it is already there to see.
  await expect(async () => {
    await other.getByRole("button", { name: "Approve…" }).click({ timeout: 3000 });
    await expect(approval).toContainText("Nothing is deleted.", { timeout: 3000 });
  }).toPass();
  expect(await faultsOf(other, "approving a restore")).toEqual([]);
  await approval.getByRole("button", { name: "Keep as it is" }).click();
  await expect(approval).toHaveCount(0);
  // It is a plan again, and somebody asks for it again: that is not what they have read.
  await api("owner", "POST", `${undo}/stop`, undefined, tenantIndex);
  await api("owner", "POST", `${undo}/request`, { reason: "It was right all along" }, tenantIndex);
  const approve = async () => {
    await other.getByRole("button", { name: "Approve…" }).click();
    await other.getByRole("dialog").getByRole("button", { name: "Approve and write 1 policy" }).click();
  };
  await approve();
  await expect(other.getByText("Somebody changed this plan while you were reading it.")).toBeVisible();
  await expect(other.getByText("The reason: “It was right all along”")).toBeVisible();
  await approve();
  // Who asked sees it happen.
  await expect(page.getByText("1 policy was written, read back, and is equal to the backup.")).toBeVisible({
    timeout: 90_000,
  });
  const undone = await runOnce(schedule.id, tenantIndex);
  expect(sayingOf((await comparisonOf(undone.backup_set_id)).items)).toEqual(sayingOf(before.items));
  await put("/restore-settings", settings);
});

/** From the demo's first tenant into the one that this file restores in. */
const [source, target] = [0, tenantIndex];
const conditionalAccess = "identity/conditionalAccess/policies";

type FoundGroups = { groups: { id: string; name: string }[] };
const groupsOf = async (tenantIndex: number, search: string) => {
  const path = `/groups?search=${encodeURIComponent(search)}`;
  return (await api<FoundGroups>("manager", "GET", path, undefined, tenantIndex)).json.groups;
};

/** Two groups of the source that the target has under no name. */
async function groupsOfTheSourceAlone() {
  const words = ["Finance", "Pilot", "Kiosk", "Field", "Executives", "Contractors", "Shop", "All"];
  const found = (await Promise.all(words.map((word) => groupsOf(source, word)))).flat();
  const alone = [];
  for (const group of found) {
    const namesakes = (await groupsOf(target, group.name)).filter(({ name }) => name === group.name);
    if (namesakes.length === 0) alone.push(group);
    const [first, second] = alone;
    if (first && second) return [first, second] as const;
  }
  throw new Error("The target has all of the source's groups.");
}

test("policies come into another tenant: groups are decided by name and id, Intune's approval is waited for, and conditional access is enabled as a second step", async ({
  open,
  makeSchedule,
}) => {
  test.setTimeout(180_000);
  const [pilots, emergency] = await groupsOfTheSourceAlone();
  const access = uniqueName("Require MFA");
  const category = uniqueName("Warehouse devices");
  await make(source, conditionalAccess, {
    displayName: access,
    state: "enabled",
    conditions: {
      applications: { includeApplications: ["All"] },
      users: { includeGroups: [pilots.id], excludeGroups: [emergency.id] },
      clientAppTypes: ["all"],
    },
    grantControls: { operator: "OR", builtInControls: ["mfa"] },
  });
  await make(source, "deviceManagement/deviceCategories", { displayName: category, description: null });
  const schedule = await makeSchedule(
    { policy_types: ["conditionalAccessPolicy"], include_foundations: true },
    source,
  );
  const { backup_set_id: setId } = await runOnce(schedule.id, source);

  const page = await open("provider");
  const [here, there] = [person("provider", target).tenant, person("provider", source).tenant];
  // What was decided for these two tenants is remembered, also from an earlier run on the same demo.
  await onDatabase("DELETE FROM reference_decisions WHERE tenant_id = $1", [here.id]);
  const dialog = page.getByRole("dialog");
  const faults: string[] = [];
  const look = async (what: string) => {
    faults.push(...(await faultsOf(page, what)), ...(await tooWide(page, what)));
    await picture(page, what);
  };

  await page.goto(`/tenants/${there.id}/backup-sets/${setId}`);
  for (const name of [access, category])
    await page.getByRole("checkbox", { name: `Choose ${name}`, exact: true }).check();
  await page.getByRole("button", { name: "Restore policies…" }).click();
  await dialog.getByRole("combobox", { name: "Restore to" }).selectOption(here.name);
  await expect(dialog).toContainText(`what ${there.name} calls its own, such as groups, is matched by name`);
  await dialog.getByRole("button", { name: `Make the plan for ${here.name}` }).click();
  await expect(page).toHaveURL(new RegExp(`/tenants/${here.id}/restores/\\d+$`));

  // One group by words of its name, with the keyboard; the other by its id.
  const references = page.getByRole("region", { name: "References" });
  await expect(references.getByRole("heading", { name: "References: 2 not found" })).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByRole("status").filter({ hasText: "needs a decision first" })).toBeVisible();
  // By its name, and not by the id that it has elsewhere.
  const blocked = page.getByRole("main").getByText(/And 1 more\.$/);
  await expect(blocked).toContainText(/“[^”]+”/);
  await expect(blocked).not.toContainText(/[\da-f]{8}-/);
  await look("a plan for another tenant");
  const [chosen, other] = await groupsOf(target, "Finance");
  if (!chosen || !other) throw new Error("The target has too few groups.");
  const decide = (name: string) =>
    references.getByRole("combobox", { name: `What Group ${name} stands for` });
  await decide(pilots.name).selectOption("Another group…");
  const search = references.getByRole("combobox", { name: "Group name or object id" });
  await search.focus();
  await page.keyboard.type("financ");
  const groups = page.getByRole("listbox", { name: "Groups" });
  await expect(groups.getByRole("option").first()).toContainText(chosen.name);
  await look("groups that were found");
  await search.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  // Of "Finance 1" and "Finance 16" each is meant alone.
  const referenceTo = (name: string) =>
    references.getByRole("listitem").filter({ has: page.getByText(name, { exact: true }) });
  const decided = referenceTo(pilots.name);
  await expect(decided).toContainText(`→ ${chosen.name}`);
  await expect(decided).toContainText("Decided by");
  await decide(emergency.name).selectOption("Another group…");
  await search.fill(other.id);
  await references.getByRole("button", { name: "Use it" }).click();
  await expect(referenceTo(emergency.name)).toContainText(`→ ${other.name}`);
  await expect(page.getByText("2 policies would be written: 2 created.")).toBeVisible();
  await page.getByRole("button", { name: access, exact: true }).click();
  await expect(page.getByText("Not enabled: that is a second step")).toBeVisible();
  // Of a policy that is new there is no word of what it was.
  const planned = page
    .getByRole("main")
    .getByRole("listitem")
    .filter({ has: page.getByRole("button", { name: access, exact: true }) });
  await expect(planned).toContainText("What a new policy holds");
  await expect(planned).not.toContainText("Not configured");

  const { clientId: client_id, clientSecret: credential } = await writer(target);
  const saved = await page.request.put(`/api/tenants/${here.id}/write-connection`, {
    headers: { origin: new URL(page.url()).origin },
    data: { client_id, credential_kind: "secret", credential, keep_hours: 1 },
  });
  expect(saved.status()).toBe(200);
  const approval = await wantApproval(target);
  try {
    await page.reload();
    await page.getByLabel("Reason").fill("The second tenant becomes as the first");
    await page.getByRole("button", { name: "Restore 2 policies" }).click();
    await dialog.getByRole("button", { name: "Write 2 policies" }).click();

    const story = page.getByRole("main").getByRole("status");
    await expect(
      story.filter({ hasText: "Intune wants another administrator to approve 1 policy." }),
    ).toBeVisible({ timeout: 60_000 });
    // What it holds is a list as well, once it is unfolded.
    const row = page
      .getByRole("main")
      .getByRole("listitem")
      .filter({ has: page.getByRole("button", { name: category, exact: true }) });
    await expect(row).toContainText("Waits for Intune");
    await row.getByRole("button", { name: category }).click();
    await expect(row).toContainText("In Intune, under Tenant administration, Multi Admin Approval");
    await look("a restore that waits in Intune");
    await approval.approve();
    const id = Number(/\d+$/.exec(page.url())?.[0]);
    // It asks again every minute; not to wait for that.
    await onDatabase(
      `UPDATE pgboss.job SET start_after = now()
       WHERE name = 'execute-restore' AND state = 'created' AND (data->>'restore_id')::int = $1`,
      [id],
    );
    await expect(
      page.getByText("2 policies were written, read back, and are equal to the backup."),
    ).toBeVisible({ timeout: 60_000 });
  } finally {
    await approval.noMore();
  }
  const live = async () =>
    (await liveObjects(target, conditionalAccess)).find(({ displayName }) => displayName === access);
  expect(await live()).toMatchObject({
    state: "enabledForReportingButNotEnforced",
    conditions: { users: { includeGroups: [chosen.id], excludeGroups: [other.id] } },
  });

  // The second step, for this policy by its name.
  const unfold = page.getByRole("button", { name: access, exact: true });
  const made = page.getByRole("main").getByRole("listitem").filter({ has: unfold });
  if ((await unfold.getAttribute("aria-expanded")) === "false") await unfold.click();
  await page.getByRole("button", { name: `Enable now…: ${access}`, exact: true }).click();
  await expect(page.getByRole("dialog", { name: `Enable “${access}”?` })).toContainText("who can sign in");
  await look("enabling by name");
  await dialog.getByRole("button", { name: "Enable the policy" }).click();
  await expect(made).toContainText(/Taken by .*/);
  await expect.poll(async () => (await live())?.state, { timeout: 60_000 }).toBe("enabled");
  expect(faults).toEqual([]);
});

test("a connection for writing that somebody is typing stays when another owner saves one", async ({
  open,
}) => {
  const { tenant } = person("owner", tenantIndex);
  const [page, other] = [
    await open("owner", { tenant: tenantIndex }),
    await open("provider", { tenant: tenantIndex }),
  ];
  await page.goto(`/tenants/${tenant.id}/connection`);
  const headers = { origin: new URL(page.url()).origin };
  const writing = `/api/tenants/${tenant.id}/write-connection`;
  const forget = async () => (await other.request.delete(writing, { headers })).status();
  expect([204, 404]).toContain(await forget());
  await expect(page.locator("[data-live=open]")).toBeAttached();
  const panel = page.getByRole("region", { name: "Connection for writing" });
  const form = panel.getByRole("form", { name: "Connection for writing" });
  const id = form.getByRole("textbox", { name: "Application id" });
  await expect(id).toBeEditable();
  await id.fill("11111111-2222");
  const { clientId: client_id, clientSecret: credential } = await writer(tenantIndex);
  const data = { client_id, credential_kind: "secret", credential, keep_hours: 1 };
  expect((await other.request.put(writing, { headers, data })).status()).toBe(200);
  try {
    // Live: theirs is shown, and what is typed stays.
    await expect(panel).toContainText(client_id);
    await expect(id).toHaveValue("11111111-2222");
    const replace = panel.getByRole("button", { name: "Replace…" });
    await expect(replace).toHaveAttribute("aria-expanded", "true");
    await replace.click();
    await expect(form).toHaveCount(0);
    await panel.getByRole("button", { name: "Forget…" }).click();
    const question = page.getByRole("dialog", { name: "Forget the connection for writing?" });
    await expect(question).toContainText("Backups go on as before.");
    expect(await faultsOf(page, "forgetting the connection for writing")).toEqual([]);
    await question.getByRole("button", { name: "Keep as it is" }).click();
  } finally {
    await forget();
  }
});

test("a plan begins at a policy of a set, and at a version in its history", async ({
  open,
  makeSchedule,
}) => {
  const schedule = await makeSchedule();
  const { backup_set_id: setId } = await runOnce(schedule.id);
  const { json: found } = await api<BackupItemView[]>("readonly", "GET", `/backup-sets/${setId}/items`);
  const [item] = found;
  if (!item) throw new Error("The set is empty.");
  const { policy_type, graph_id } = item;
  const page = await open("manager");
  const tenant = `/tenants/${schedule.tenant_id}`;
  const dialog = page.getByRole("dialog");
  for (const [path, name] of [
    [`/backup-sets/${setId}/items/${item.id}`, "Restore this policy…"],
    [`/policies/${policy_type}/${encodeURIComponent(graph_id)}`, /^Restore this version/],
  ] as const) {
    await page.goto(`${tenant}${path}`);
    const button = page.getByRole("main").getByRole("button", { name }).first();
    // The page may not listen yet when it is already there to see.
    await expect(async () => {
      if (!(await dialog.isVisible())) await button.click({ timeout: 3000 });
      await expect(dialog).toBeVisible({ timeout: 3000 });
    }).toPass();
    // A backup that ends meanwhile makes the version's stretch longer, and takes nothing away.
    if (path.startsWith("/policies/")) {
      const versions = page.locator("ol[aria-label^=Versions]");
      const before = await versions.textContent();
      await runOnce(schedule.id);
      await expect(versions).not.toHaveText(before ?? "");
    }
    await dialog.getByRole("button", { name: "Make the plan" }).click();
    await expect(page).toHaveURL(/\/restores\/\d+$/);
    const restore = /\d+$/.exec(page.url())?.[0];
    const { json: items } = await api<BackupItemView[]>("readonly", "GET", `/restores/${restore}/items`);
    expect(items).toMatchObject([{ policy_type, graph_id }]);
  }
});

type Printing = Window & { printed?: { loading: number; plans: string[] } };

test("a plan is printed once its differences are there, however long their code takes to come", async ({
  open,
  makeSchedule,
}) => {
  const schedule = await makeSchedule();
  const { backup_set_id: set_id } = await runOnce(schedule.id);
  const { json: found } = await api<BackupItemView[]>("readonly", "GET", `/backup-sets/${set_id}/items`);
  const items = found.slice(0, 2).map(({ policy_type, graph_id }) => ({ policy_type, graph_id }));
  const { json: restore } = await api<Restore>("manager", "POST", "/restores", { set_id, items });
  await expect
    .poll(async () => (await api<Restore>("readonly", "GET", `/restores/${restore.id}`)).json.status, {
      timeout: 60_000,
    })
    .toBe("planned");
  const page = await open("manager");
  await page.addInitScript(() => {
    window.print = () => {
      const plans = [...document.querySelectorAll("section[aria-label^='Plan for']")];
      (window as Printing).printed = {
        loading: plans.filter((plan) => plan.querySelector("[data-loading]")).length,
        plans: plans.map(({ textContent }) => textContent ?? ""),
      };
    };
  });
  await page.goto(`/tenants/${schedule.tenant_id}/restores/${restore.id}`);
  await expect(page.locator("[data-live=open]")).toBeAttached();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/_next\/static\/chunks\//, async (route) => {
    await held;
    await route.continue();
  });
  const plans = page.getByRole("region", { name: /^Plan for/ });
  // The page may not listen yet when it is already there to see.
  await expect(async () => {
    await page.getByRole("button", { name: "Print", exact: true }).click({ timeout: 3000 });
    await expect(plans).toHaveCount(items.length, { timeout: 3000 });
  }).toPass();
  await expect(plans.locator("[data-loading]")).toHaveCount(items.length);
  const printed = () => page.evaluate(() => (window as Printing).printed);
  expect(await printed()).toBeUndefined();
  release();
  await expect
    .poll(printed)
    .toEqual({ loading: 0, plans: items.map(() => expect.stringContaining("History of the policy")) });
});
