import { onDatabase } from "./support/administrator.ts";
import { api, uniqueName } from "./support/api.ts";
import { faultsOf } from "./support/axe.ts";
import { tooWide } from "./support/fits.ts";
import { go } from "./support/go.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

test("who is told of what is set in the form: events, schedules, types, quiet hours, and how often", async ({
  open,
  makeSchedule,
}) => {
  const schedule = await makeSchedule();
  const page = await open("owner");
  await go(page, `/tenants/${person("owner").tenant.id}/alerts`);
  await page.getByLabel("Target name").fill("Night shift");
  await page.getByLabel("Mail addresses").fill("night@contoso.example");
  await page.getByRole("button", { name: "Add target" }).click();
  await expect(page.getByRole("table", { name: "Where alerts go" })).toContainText("Night shift");

  await page.getByRole("button", { name: "New rule" }).click();
  const dialog = page.getByRole("dialog", { name: "New rule" });
  const form = dialog.getByRole("form", { name: "Alert rule" });
  await form.getByLabel("Goes to").selectOption("Night shift");
  const faults: string[] = [];
  const choose = async (what: string, list: string, typed: string, option: string) => {
    const field = form.getByRole("combobox", { name: list }).or(form.getByLabel(list)).first();
    await field.fill(typed);
    const wanted = page.getByRole("option", { name: option, exact: true });
    await expect(wanted).toBeVisible();
    faults.push(...(await faultsOf(page, what)));
    await wanted.click();
    await field.press("Escape");
  };
  await choose("events of a rule", "Events", "overdue", "Backup overdue");
  await choose("schedules of a rule", "Backup schedules", schedule.name, schedule.name);
  await choose("policy types of a rule", "Policy types", "conditional", "Conditional access policies");
  await form.getByLabel("While it lasts").selectOption("Told again every 4 hours");
  await form.getByLabel("Quiet from").fill("25:00");
  await form.getByRole("button", { name: "Add rule" }).click();
  await expect(form.getByText(/must be a time such as 22:00/i)).toBeVisible();
  await form.getByLabel("Quiet from").fill("22:00");
  await form.getByLabel("Quiet until").fill("07:00");
  expect([...faults, ...(await faultsOf(page, "rule")), ...(await tooWide(page, "rule"))]).toEqual([]);
  await form.getByRole("button", { name: "Add rule" }).click();
  await expect(dialog).toHaveCount(0);
  const rules = page.getByRole("table", { name: "Rules" });
  const said =
    `Warnings and worse; of Backup overdue; in ${schedule.name}; about Conditional access policies; ` +
    "quiet from 22:00 until 07:00 (Europe/Berlin); told again every 4 hours";
  await expect(rules.getByRole("row").filter({ hasText: schedule.name })).toContainText(said);

  // Changed, it begins as it was.
  const row = rules.getByRole("row").filter({ hasText: schedule.name });
  await row.getByRole("button", { name: "Change the rule for Night shift" }).click();
  const changing = page.getByRole("dialog", { name: "Change the rule" });
  await expect(changing.getByLabel("Quiet until")).toHaveValue("07:00");
  await changing.getByLabel("Enabled").uncheck();
  await changing.getByRole("button", { name: "Save rule" }).click();
  await expect(row).toContainText(`${said}; disabled`);
  await row.getByRole("button", { name: "Remove the rule for Night shift" }).press("Enter");
  await expect(row).toHaveCount(0);
  // The button is gone with its row: the keyboard goes on in the panel.
  const panel = page.locator("section").filter({ has: page.getByRole("heading", { name: "Rules" }) });
  await expect(panel).toBeFocused();
  await page.getByRole("button", { name: "Remove Night shift" }).click();
  const removing = page.getByRole("dialog", { name: "Remove “Night shift”?" });
  await expect(removing).toContainText("the log of what it was sent");
  expect(await faultsOf(page, "removing a target")).toEqual([]);
  await removing.getByRole("button", { name: "Remove target" }).click();
  await expect(page.getByText("Night shift", { exact: true })).toHaveCount(0);
});

test("a webhook's signing secret is shown once, and another one when it is changed; a test says what came of it", async ({
  open,
}) => {
  const page = await open("owner");
  await go(page, `/tenants/${person("owner").tenant.id}/alerts`);
  // What is chosen before the page's scripts run is forgotten.
  await expect(page.locator("[data-live=open]")).toBeAttached();
  const name = uniqueName("Ticket system");
  const form = page.getByRole("form", { name: "New target" });
  await form.getByLabel("Kind").selectOption("webhook");
  await form.getByLabel("Target name").fill(name);
  // A name that no name server knows (RFC 6761).
  await form.getByLabel("Address").fill("https://tickets.invalid/hook");
  await form.getByRole("button", { name: "Add target" }).click();
  const secret = page.getByTestId("signing-secret");
  await expect(secret).toHaveText(/^whsec_/);
  const first = (await secret.textContent()) ?? "";
  await page.getByRole("button", { name: `New signing secret for ${name}` }).click();
  const anew = page.getByRole("dialog").getByRole("button", { name: "Make a new secret" });
  await expect(anew).toBeVisible();
  expect(await faultsOf(page, "a new signing secret")).toEqual([]);
  await anew.click();
  await expect(secret).not.toHaveText(first);
  await expect(secret).toHaveText(/^whsec_/);
  expect([...(await faultsOf(page, "webhook")), ...(await tooWide(page, "webhook"))]).toEqual([]);
  await page.getByRole("button", { name: `Test ${name}` }).click();
  await expect(page.getByText(`“${name}” did not take it.`)).toBeVisible({ timeout: 20_000 });
  await page.getByRole("button", { name: `Remove ${name}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove target" }).click();
  await expect(page.getByText(name, { exact: true })).toHaveCount(0);
});

test("a target is changed in a dialog: it names the field of a fault, and shows no secret", async ({
  open,
}) => {
  const page = await open("owner");
  const [mail, webhook] = [uniqueName("Weekend"), uniqueName("Service desk")];
  const make = async (target: object) =>
    (await api<{ id: number }>("manager", "POST", "/alert-targets", target)).json.id;
  const ids = [
    await make({ kind: "email", name: mail, recipients: ["weekend@contoso.example"] }),
    await make({
      kind: "webhook",
      name: webhook,
      url: "https://desk.invalid/hook",
      authorization: "Bearer t0p",
    }),
  ];
  try {
    await go(page, `/tenants/${person("owner").tenant.id}/alerts`);
    // What is pressed before the page's scripts run is forgotten.
    await expect(page.locator("[data-live=open]")).toBeAttached();
    const row = (name: string) =>
      page.getByRole("table", { name: "Where alerts go" }).getByRole("row").filter({ hasText: name });
    const edit = (name: string) => page.getByRole("button", { name: `Edit…: ${name}` });
    const dialog = page.getByRole("dialog");
    const save = dialog.getByRole("button", { name: "Save target" });
    const addresses = dialog.getByLabel("Mail addresses");

    await edit(mail).click();
    await expect(addresses).toHaveValue("weekend@contoso.example");
    await addresses.fill("");
    await save.click();
    await expect(addresses).toHaveAccessibleDescription(/Enter one, or choose the owners/);
    await addresses.fill("weekend@contoso.example\ndeputy");
    await save.click();
    await expect(addresses).toHaveAccessibleDescription(/“deputy” must be a mail address/);
    expect([...(await faultsOf(page, "target")), ...(await tooWide(page, "target"))]).toEqual([]);
    await addresses.fill("deputy@contoso.example, weekend@contoso.example");
    await dialog.getByLabel("The tenant’s owners, too").check();
    const renamed = `${mail} and nights`;
    await dialog.getByLabel("Name", { exact: true }).fill(renamed);
    await save.click();
    await expect(dialog).toHaveCount(0);
    await expect(edit(renamed)).toBeFocused();
    await page.reload();
    await expect(page.locator("[data-live=open]")).toBeAttached();
    await expect(row(renamed)).toContainText("the owners, deputy@contoso.example, weekend@contoso.example");
    await edit(renamed).click();
    await expect(addresses).toHaveValue("deputy@contoso.example\nweekend@contoso.example");
    await expect(dialog.getByLabel("The tenant’s owners, too")).toBeChecked();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(dialog).toHaveCount(0);

    await edit(webhook).click();
    const address = dialog.getByLabel("Address", { exact: true });
    const header = dialog.getByLabel("Authorization header", { exact: true });
    await expect(address).toHaveValue("");
    await expect(address).toHaveAccessibleDescription(/It is desk\.invalid\/…/);
    await expect(header).toHaveValue("");
    await expect(header).toHaveAccessibleDescription(/Leave empty to keep what is stored/);
    await address.fill("http://desk.invalid/other");
    await expect(header).toHaveAccessibleDescription(/not sent to another address/);
    await save.click();
    await expect(address).toHaveAccessibleDescription(/Must begin with https:/);
    expect([...(await faultsOf(page, "webhook")), ...(await tooWide(page, "webhook"))]).toEqual([]);
    await address.fill("https://helpdesk.invalid/hook");
    await header.fill("Bearer t1p");
    await save.click();
    await expect(dialog).toHaveCount(0);
    await expect(row(webhook)).toContainText("helpdesk.invalid/…");

    // Somebody else changes it while the dialog is open.
    await edit(webhook).click();
    await dialog.getByLabel("Send no such header any more").check();
    await expect(header).toBeDisabled();
    await api("manager", "PATCH", `/alert-targets/${ids[1]}`, { name: `${webhook} of a script` });
    await save.click();
    await expect(dialog.getByRole("alert")).toContainText("Your changes are not saved.");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(row(`${webhook} of a script`)).toHaveCount(1);
  } finally {
    for (const id of ids) await api("manager", "DELETE", `/alert-targets/${id}`);
  }
});

test("an alert leads to its incident, which is acknowledged and kept quiet there; of one that is over the page says so", async ({
  open,
}) => {
  const tenantIndex = 1;
  const { tenant } = person("operator", tenantIndex);
  const [earlier, later] = ["told by an alert", "found after it"].map((what) => `${what}, of a browser test`);
  const page = await open("operator", { tenant: tenantIndex });
  try {
    for (const cause of [earlier, later])
      await onDatabase(
        `INSERT INTO incidents (tenant_id, cause, kind, severity, title, body)
         VALUES ($1, $2, 'set.damaged', 'critical', $2, 'Look at it.')`,
        [tenant.id, cause],
      );
    const { json: incidents } = await api<{ id: number; cause: string }[]>(
      "operator",
      "GET",
      "/incidents",
      undefined,
      tenantIndex,
    );
    const told = incidents.find(({ cause }) => cause === earlier);
    await page.goto(`/tenants/${tenant.id}/alerts?incident=${told?.id}`);
    const first = page.getByRole("table", { name: "What is wrong now" }).getByRole("row").nth(1);
    await expect(first).toContainText("told by an alert, of a browser test");
    await expect(first).toContainText("This is what your alert tells of.");
    await first.getByRole("button", { name: /^Acknowledge told by an alert/ }).click();
    await expect(first).toContainText(/Acknowledged by /);
    await first.getByRole("button", { name: /^Snooze \d+ h: told by an alert/ }).click();
    await expect(first).toContainText("Snoozed");
    await expect(page.getByText("What your alert tells of is over.")).toHaveCount(0);
    await onDatabase("UPDATE incidents SET closed_at = now() WHERE tenant_id = $1 AND cause = $2", [
      tenant.id,
      earlier,
    ]);
    await page.reload();
    await expect(page.getByText("What your alert tells of is over.")).toBeVisible();
  } finally {
    await onDatabase("DELETE FROM incidents WHERE tenant_id = $1 AND cause = ANY($2)", [
      tenant.id,
      [earlier, later],
    ]);
  }
});

test("the log of what was sent shows each message as its receiver gets it, and why it was not taken", async ({
  open,
}) => {
  const { tenant } = person("owner");
  const page = await open("owner");
  const [name, title] = [uniqueName("Log keeper"), uniqueName("Set damaged")];
  const { json: target } = await api<{ id: number }>("manager", "POST", "/alert-targets", {
    kind: "webhook",
    name,
    url: "https://log.invalid/hook",
  });
  try {
    await onDatabase(
      `WITH event AS (
         INSERT INTO alert_events (tenant_id, kind, severity, title, body, link, routed_at)
         VALUES ($1::int, 'set.damaged', 'critical', $2, 'Look at “Kiosk & foyer” <now>.', $4, now())
         RETURNING id
       )
       INSERT INTO alert_deliveries (tenant_id, target_tenant_id, event_id, target_id, state, attempts, last_at,
                                     answer_status, answer)
       SELECT $1::int, $1::int, id, $3::int, 'failed', 8, now(), 503, 'Closed for the night' FROM event`,
      [tenant.id, title, target.id, `/tenants/${tenant.id}/backup-sets`],
    );
    await go(page, `/tenants/${tenant.id}/alerts`);
    await expect(page.locator("[data-live=open]")).toBeAttached();
    const sentRows = page.getByRole("table", { name: "What was sent" }).getByRole("row");
    const row = sentRows.filter({ hasText: title });
    await expect(row).toContainText(name);
    await expect(row).toContainText("Given up");
    await expect(row).toContainText("HTTP 503: Closed for the night");
    const show = row.getByRole("button", { name: `Show ${title} to ${name}` });
    await show.click();
    const dialog = page.getByRole("dialog", { name: `What is sent: ${title}` });
    const sent = dialog.locator("pre");
    await expect(sent).toContainText('"type": "set.damaged"');
    expect(JSON.parse((await sent.textContent()) ?? "")).toMatchObject({
      type: "set.damaged",
      data: {
        severity: "critical",
        title,
        body: "Look at “Kiosk & foyer” <now>.",
        link: expect.stringMatching(new RegExp(`^https?://.*/tenants/${tenant.id}/backup-sets$`)),
        tenant_id: tenant.id,
        tenant_name: tenant.name,
      },
    });
    // As JSON that people read: a line a field.
    expect((await sent.textContent())?.split("\n").length).toBeGreaterThan(10);
    expect([...(await faultsOf(page, "what is sent")), ...(await tooWide(page, "what is sent"))]).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(dialog).toHaveCount(0);
    await expect(show).toBeFocused();
  } finally {
    // What it was sent goes with it.
    await api("manager", "DELETE", `/alert-targets/${target.id}`);
  }
});
