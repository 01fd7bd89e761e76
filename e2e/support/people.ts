import type { Page } from "@playwright/test";
import type { Role } from "#lib/access/permissions";
import { demo } from "./demo.ts";

/** The demo's people: one of each role in each tenant, and one who is owner of them all. */
export type Who = Role | "provider";

/** The demo's person with this role in the first (or another) tenant alone, and that tenant. */
export function person(who: Who, tenantIndex = 0) {
  const { users, tenants, api_tokens } = demo();
  const tenant = tenants[tenantIndex];
  const user = users.find((each) =>
    who === "provider"
      ? each.tenant_ids.length > 1
      : each.role === who && each.tenant_ids.length === 1 && each.tenant_ids[0] === tenant?.id,
  );
  const role = who === "provider" ? "owner" : who;
  const token = api_tokens.find((each) => each.role === role && each.tenant_id === tenant?.id)?.token;
  if (!tenant || !user || !token) throw new Error(`The demo has no ${who}.`);
  return { tenant, user, token };
}

/** Signs in through the page, as a person does. */
export async function signIn(page: Page, who: Who, tenantIndex = 0) {
  const { tenant, user } = person(who, tenantIndex);
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(user.email);
  await page.getByLabel("Password").fill(user.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/tenants/);
  return tenant;
}
