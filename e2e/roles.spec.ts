import type { Page } from "@playwright/test";
import { can, permissions, type Role, roles } from "#lib/access/permissions";
import type { Run } from "#lib/runs/schema";
import { api, uniqueName } from "./support/api.ts";
import { go } from "./support/go.ts";
import { person, signIn } from "./support/people.ts";
import { makePlaces, type Places } from "./support/places.ts";
import { heldType, holdRuns } from "./support/sandbox.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ mode: "parallel" });

/** A page of the tenant: who may open it, and from which role on it offers what. */
interface PageRow {
  path: (places: RolePlaces) => string;
  /** The least role that may open it. */
  opens: Role;
  offers?: Partial<Record<"button" | "link" | "checkbox" | "form", Record<string, Role>>>;
}

interface RolePlaces extends Places {
  canceledRunId: number;
  canceledScheduleId: number;
}

/** Who may see and do what. This table is the documentation; the tests hold the pages to it. */
const pages: Record<string, PageRow> = {
  overview: { path: () => "", opens: "readonly" },
  "backup schedules": {
    path: () => "/backup-schedules",
    opens: "readonly",
    offers: {
      link: { "New schedule": "manager" },
      checkbox: { "Select all schedules on this page": "operator" },
    },
  },
  "new schedule": {
    path: () => "/backup-schedules/new",
    opens: "manager",
    offers: { form: { "Backup schedule": "manager" } },
  },
  "a schedule": {
    path: ({ schedule }) => `/backup-schedules/${schedule.id}`,
    opens: "readonly",
    offers: {
      button: { "Run now": "operator", "More actions": "manager" },
      link: { Edit: "manager" },
    },
  },
  "edit a schedule": {
    path: ({ schedule }) => `/backup-schedules/${schedule.id}/edit`,
    opens: "manager",
    offers: { form: { "Backup schedule": "manager" } },
  },
  runs: { path: () => "/runs", opens: "readonly" },
  "a run that did not succeed": {
    path: ({ canceledRunId }) => `/runs/${canceledRunId}`,
    opens: "readonly",
    offers: { button: { Retry: "operator" } },
  },
  "backup sets": {
    path: () => "/backup-sets",
    opens: "readonly",
    offers: { button: { "Verify all": "operator" } },
  },
  "the bin": { path: () => "/backup-sets?bin=1", opens: "readonly" },
  "a backup set": {
    path: ({ set }) => `/backup-sets/${set.id}`,
    opens: "readonly",
    offers: {
      button: {
        "Verify now": "operator",
        Pin: "manager",
        Document: "manager",
        "More actions": "manager",
      },
      link: { "Compare with the one before": "readonly", "Export ZIP": "manager" },
      checkbox: { "Choose all that are shown": "manager" },
    },
  },
  "a policy in a set": {
    path: ({ set, item }) => `/backup-sets/${set.id}/items/${item.id}`,
    opens: "readonly",
    offers: { button: { "Restore this policy": "manager" } },
  },
  "a comparison": { path: ({ set }) => `/backup-sets/${set.id}/compare`, opens: "readonly" },
  policies: { path: () => "/policies", opens: "readonly" },
  "search in contents": { path: () => "/policies/contents", opens: "readonly" },
  "a policy's history": {
    path: ({ item }) => `/policies/${item.policy_type}/${encodeURIComponent(item.graph_id)}`,
    opens: "readonly",
  },
  restores: { path: () => "/restores", opens: "readonly" },
  "a plan of a restore": {
    path: ({ restoreId }) => `/restores/${restoreId}`,
    opens: "readonly",
    offers: { button: { "Plan again": "manager", Discard: "manager" } },
  },
  drift: {
    path: () => "/drift",
    opens: "readonly",
    offers: { button: { "Choose a baseline": "manager" } },
  },
  alerts: {
    path: () => "/alerts",
    opens: "readonly",
    offers: { button: { "Add target": "manager" } },
  },
  "audit log": { path: () => "/audit-log", opens: "readonly" },
  members: { path: () => "/members", opens: "readonly" },
  "API tokens": {
    path: () => "/api-tokens",
    opens: "owner",
    offers: { button: { "New token": "owner" } },
  },
  connection: {
    path: () => "/connection",
    opens: "manager",
    offers: {
      button: {
        "Test connection": "owner",
        "Save connection": "owner",
        "Save for writing": "owner",
        "Save rules": "owner",
      },
    },
  },
};

/** The navigation, in its order, with the least role that sees each link. */
const navigation: Record<string, Role> = {
  Overview: "readonly",
  "Backup schedules": "readonly",
  Runs: "readonly",
  "Backup sets": "readonly",
  Policies: "readonly",
  Restores: "readonly",
  Drift: "readonly",
  Alerts: "readonly",
  "Audit log": "readonly",
  Members: "readonly",
  "API tokens": "owner",
  Connection: "manager",
};

/** The menu of a schedule's row, and the acts on selected schedules. */
const rowMenu: Record<string, Role> = {
  Open: "readonly",
  "Run now": "operator",
  Retry: "operator",
  Edit: "manager",
  Duplicate: "manager",
  Disable: "manager",
  Delete: "manager",
};
/** Of schedules whose last run succeeded: there is nothing to retry. */
const bulkActs: Record<string, Role> = {
  "Run now": "operator",
  Enable: "manager",
  Disable: "manager",
  Delete: "manager",
};

/** What a token of each role is refused, by the least role that is not. */
const writes: [method: string, path: (places: RolePlaces) => string, body: unknown, least: Role][] = [
  ["POST", ({ set }) => `/backup-sets/${set.id}/verify`, undefined, "operator"],
  ["PATCH", ({ schedule }) => `/backup-schedules/${schedule.id}`, { retention_keep_last: 30 }, "manager"],
  ["PUT", ({ set }) => `/backup-sets/${set.id}/pin`, undefined, "manager"],
  ["GET", ({ set }) => `/backup-sets/${set.id}/export`, undefined, "manager"],
  ["GET", () => "/connection", undefined, "manager"],
  ["POST", ({ restoreId }) => `/restores/${restoreId}/replan`, undefined, "manager"],
  ["POST", ({ restoreId }) => `/restores/${restoreId}/request`, { reason: "To see who may" }, "owner"],
  ["GET", () => "/api-tokens", undefined, "owner"],
];

const atLeast = (role: Role, least: Role) => roles.indexOf(role) >= roles.indexOf(least);
const allowed = (table: Record<string, Role>, role: Role) =>
  Object.keys(table).filter((name) => atLeast(role, table[name] ?? "owner"));

let places: RolePlaces;
test.beforeAll(async () => {
  const made = await makePlaces();
  // A run that somebody canceled: one that can be retried.
  const hold = await holdRuns(0);
  try {
    const { json: schedule } = await api<{ id: number }>("manager", "POST", "/backup-schedules", {
      ...wished(made),
      policy_types: [heldType],
    });
    const { json: run } = await api<Run>("operator", "POST", `/backup-schedules/${schedule.id}/run-now`);
    await api("operator", "POST", `/runs/${run.id}/cancel`);
    await expect
      .poll(async () => (await api<Run>("readonly", "GET", `/runs/${run.id}`)).json.status, {
        timeout: 30_000,
      })
      .toBe("canceled");
    places = { ...made, canceledRunId: run.id, canceledScheduleId: schedule.id };
  } finally {
    await hold.release();
  }
});
test.afterAll(async () => {
  for (const id of [places.schedule.id, places.canceledScheduleId])
    await api("manager", "DELETE", `/backup-schedules/${id}`);
});

function wished({ schedule }: Places) {
  const { timezone, frequency, time_of_day, include_foundations } = schedule;
  return { name: uniqueName("Canceled"), timezone, frequency, time_of_day, include_foundations };
}

async function opensOrNot(page: Page, name: string, row: PageRow, role: Role): Promise<void> {
  const path = `/tenants/${places.schedule.tenant_id}${row.path(places)}`;
  // Everything is loaded by itself once, by who sees everything, and come to by links in the other roles.
  if (role === "owner") await page.goto(path);
  else await go(page, path);
  await expect(page.getByRole("heading", { level: 1 }), name).toBeVisible();
  const refused = page.getByRole("heading", { level: 1, name: "Your role does not include this page" });
  await expect(refused, `${role} opens ${name}`).toHaveCount(atLeast(role, row.opens) ? 0 : 1);
  // A control's name begins with its label; some go on: "Export ZIP 3 files".
  for (const [kind, table] of Object.entries(row.offers ?? {})) {
    for (const [label, least] of Object.entries(table)) {
      const control = page
        .getByRole("main")
        .getByRole(kind as "button" | "link" | "checkbox" | "form", { name: new RegExp(`^${label}\\b`) });
      const what = `${role} sees the ${kind} “${label}” on ${name}`;
      if (atLeast(role, least)) await expect(control, what).toBeVisible();
      else await expect(control, what).toHaveCount(0);
    }
  }
}

for (const role of roles) {
  test(`${role}: every page offers what the role includes, and nothing else`, async ({ open }) => {
    test.setTimeout(180_000);
    const page = await open(role);
    for (const [name, row] of Object.entries(pages)) await opensOrNot(page, name, row, role);

    await page.goto(
      `/tenants/${places.schedule.tenant_id}/backup-schedules?search=${encodeURIComponent(places.schedule.name)}`,
    );
    const links = page.getByRole("navigation", { name: "Tenant" }).last().getByRole("link");
    await expect(links).toHaveText(allowed(navigation, role));
    await page.getByRole("button", { name: `Actions for ${places.schedule.name}` }).click();
    await expect(page.getByRole("menuitem")).toHaveText(allowed(rowMenu, role));
    await page.keyboard.press("Escape");
    const select = page.getByRole("checkbox", { name: `Select ${places.schedule.name}` });
    if (allowed(bulkActs, role).length === 0) {
      await expect(select).toHaveCount(0);
    } else {
      await select.check();
      const bar = page.getByRole("region", { name: "Selected schedules" });
      await expect(bar.getByRole("button")).toHaveText([...allowed(bulkActs, role), "Clear selection"]);
    }

    const { json: canceled } = await api<Run>("readonly", "GET", `/runs/${places.canceledRunId}`);
    expect(canceled.status).toBe("canceled");
    for (const [method, path, body, least] of writes) {
      if (atLeast(role, least)) continue;
      const { status } = await api(role, method, path(places), body);
      expect(status, `${role}: ${method} ${path(places)}`).toBe(403);
    }
    // The session's cookie opens no more than the token.
    if (!can(role, "run:start")) {
      const answer = await page.request.post(
        `/api/tenants/${places.schedule.tenant_id}/backup-schedules/${places.schedule.id}/run-now`,
        { headers: { origin: new URL(page.url()).origin } },
      );
      expect(answer.status()).toBe(403);
    }
  });
}

test("the tables above agree with the one table of permissions", () => {
  expect(navigation["API tokens"]).toBe(permissions["token:manage"]);
  expect(navigation.Connection).toBe(permissions["connection:view"]);
  expect(rowMenu["Run now"]).toBe(permissions["run:start"]);
  expect(rowMenu.Edit).toBe(permissions["schedule:write"]);
  expect(pages["a backup set"]?.offers?.button?.Pin).toBe(permissions["set:pin"]);
  expect(pages["a backup set"]?.offers?.link?.["Export ZIP"]).toBe(permissions["set:export"]);
});

test("another tenant's pages and API are not there", async ({ open, tolerate }) => {
  tolerate(/status of 404/);
  const page = await open("owner");
  const theirs = person("owner", 1);
  expect(theirs.tenant.id).not.toBe(person("owner").tenant.id);
  const answer = await page.goto(`/tenants/${theirs.tenant.id}/backup-schedules`);
  expect(answer?.status()).toBe(404);
  const { token } = person("owner");
  const refused = await page.request.get(`/api/tenants/${theirs.tenant.id}/backup-schedules`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(refused.status()).toBe(404);
});

test("without signing in, every page leads to the sign-in page, and signing out ends the session", async ({
  page,
}) => {
  await page.goto("/tenants");
  await expect(page).toHaveURL(/\/sign-in/);
  await page.getByLabel("Email").fill("readonly@fabrikam.example");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").first()).toBeVisible();
  const tenant = await signIn(page, "readonly", 1);
  await page.goto(`/tenants/${tenant.id}`);
  await page.getByRole("button", { name: /^Account of/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await page.goto(`/tenants/${tenant.id}`);
  await expect(page).toHaveURL(/\/sign-in/);
});
