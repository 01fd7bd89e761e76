import { person, signIn } from "./support/people.ts";
import { expect, test } from "./support/test.ts";

const writing = /^(New schedule|Run now|Retry|Edit|Enable|Disable|Delete|Duplicate)$/;

test("readonly sees everything and may do nothing: no button, and the API refuses", async ({
  page,
  request,
}) => {
  const { tenant, token } = person("readonly");
  await signIn(page, "readonly");
  const schedule = `/tenants/${tenant.id}/backup-schedules/1`;
  for (const path of [
    "",
    "/backup-schedules",
    "/backup-schedules/1",
    "/runs",
    "/runs/1",
    "/backup-sets",
    "/backup-sets/1",
    "/audit-log",
  ]) {
    await page.goto(`/tenants/${tenant.id}${path}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByRole("button", { name: writing })).toHaveCount(0);
    await expect(page.getByRole("link", { name: writing })).toHaveCount(0);
  }
  await expect(page.getByRole("link", { name: "API tokens" })).toHaveCount(0);
  await page.goto(`/tenants/${tenant.id}/backup-schedules/new`);
  await expect(page.getByRole("form")).toHaveCount(0);

  const headers = { authorization: `Bearer ${token}` };
  const answers = await Promise.all([
    request.post(`/api${schedule}/run-now`, { headers }),
    request.post(`/api${schedule}/retry`, { headers }),
    request.patch(`/api${schedule}`, { headers, data: { name: "Mine now" } }),
    request.delete(`/api${schedule}`, { headers }),
  ]);
  expect(answers.map((answer) => answer.status())).toEqual([403, 403, 403, 403]);
  // The session's cookie opens no more than the token.
  const session = await page.request.post(`/api${schedule}/run-now`, {
    headers: { origin: new URL(page.url()).origin },
  });
  expect(session.status()).toBe(403);
});

test("an operator runs and retries, and may not change schedules", async ({ page }) => {
  const tenant = await signIn(page, "operator");
  await page.goto(`/tenants/${tenant.id}/backup-schedules/1`);
  await expect(page.getByRole("button", { name: "Run now" })).toBeVisible();
  await expect(page.getByRole("link", { name: /^(Edit|New schedule)$/ })).toHaveCount(0);
  await page.goto(`/tenants/${tenant.id}/backup-schedules`);
  await page.getByRole("checkbox", { name: "Select all schedules on this page" }).check();
  const bulk = page.getByRole("region", { name: "Selected schedules" });
  await expect(bulk.getByRole("button", { name: "Run now" })).toBeVisible();
  await expect(bulk.getByRole("button", { name: "Delete" })).toHaveCount(0);
});

test("a manager runs several schedules at once and is told of each, and once in the notifications", async ({
  page,
}) => {
  const tenant = await signIn(page, "manager", 1);
  await page.goto(`/tenants/${tenant.id}/backup-schedules`);
  await page.getByRole("checkbox", { name: "Select all schedules on this page" }).check();
  await page
    .getByRole("region", { name: "Selected schedules" })
    .getByRole("button", { name: "Run now" })
    .click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("3");
  await dialog.getByRole("button", { name: /Run now|Start/ }).click();
  await expect(page.getByText("3 runs started.")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Notifications/ }).click();
  await expect(page.getByRole("dialog").getByText("3 started.").first()).toBeVisible();
});

test("another tenant's pages and API are not there", async ({ page, request }) => {
  const mine = await signIn(page, "owner");
  const theirs = person("owner", 1);
  expect(theirs.tenant.id).not.toBe(mine.id);
  const answer = await page.goto(`/tenants/${theirs.tenant.id}/backup-schedules`);
  expect(answer?.status()).toBe(404);
  const { token } = person("owner");
  const api = await request.get(`/api/tenants/${theirs.tenant.id}/backup-schedules`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(api.status()).toBe(404);
});

test("without signing in, every page leads to the sign-in page, and signing out ends the session", async ({
  page,
}) => {
  await page.goto("/tenants");
  await expect(page).toHaveURL(/\/sign-in/);
  await page.getByLabel("Email").fill("owner@contoso.example");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").first()).toBeVisible();
  const tenant = await signIn(page, "owner");
  await page.goto(`/tenants/${tenant.id}`);
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto(`/tenants/${tenant.id}`);
  await expect(page).toHaveURL(/\/sign-in/);
});
