import type { Page } from "@playwright/test";
import { Secret, TOTP } from "otpauth";
import { makeMember } from "./support/administrator.ts";
import { faultsOf } from "./support/axe.ts";
import { tooWide } from "./support/fits.ts";
import { person } from "./support/people.ts";
import { type Credentials, newSession } from "./support/session.ts";
import { expect, test } from "./support/test.ts";
import { startWeb } from "./support/web-process.ts";

async function enterPassword(page: Page, { email, password }: Credentials) {
  await page.goto("/sign-in?next=%2Fprofile");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/sign-in\/code/);
}

test("who has to set up two-step sign-in does that first; then it takes a code, or a recovery code once", async ({
  page,
}) => {
  test.setTimeout(240_000);
  const { tenant } = person("owner");
  const member = await makeMember("readonly", tenant.id);
  const faults: string[] = [];
  const look = async (what: string) => {
    faults.push(...(await faultsOf(page, what)), ...(await tooWide(page, what)));
  };
  const dialog = page.getByRole("dialog");
  const main = page.getByRole("main");
  await page.context().addCookies((await newSession(member)).cookies);

  const strict = await startWeb({ REQUIRE_TOTP: "all" });
  let secret = "";
  let codes: string[] = [];
  /** From the password on, in the dialog that is open, to codes that are kept. */
  const setUp = async () => {
    await dialog.getByLabel("Your password").fill(member.password);
    await dialog.getByRole("button", { name: "Next" }).click();
    await expect(dialog.getByRole("img", { name: "QR code" })).toBeVisible();
    await expect(dialog.getByRole("textbox", { name: "Code" })).toBeFocused();
    await look("authenticator app");
    secret = ((await dialog.getByTestId("totp-secret").textContent()) ?? "").replaceAll(" ", "");
    await dialog.getByRole("textbox", { name: "Code" }).fill(codeOf(secret));
    await dialog.getByRole("button", { name: "Turn on" }).click();
    const shown = dialog.getByTestId("recovery-codes");
    await expect(shown).toBeVisible();
    await page.keyboard.press("Escape");
    codes = ((await shown.textContent()) ?? "").split("\n");
    expect(codes).toHaveLength(10);
    await look("recovery codes");
    const saved = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Download codes" }).click();
    expect((await saved).suggestedFilename()).toBe("tenantpilot-recovery-codes.txt");
    await dialog.getByRole("button", { name: "I have kept them" }).click();
  };
  try {
    await page.goto(`${strict.url}/tenants/${tenant.id}/runs`);
    await expect(page.getByRole("heading", { name: "Set up two-step sign-in" })).toBeVisible();
    expect((await page.request.get(`${strict.url}/api/tenants`)).status()).toBe(403);
    await look("what comes first");
    await page.getByRole("button", { name: "Turn on two-step sign-in" }).click();
    await dialog.getByLabel("Your password").fill("not hers");
    await dialog.getByRole("button", { name: "Next" }).click();
    await expect(dialog.getByText("Is not your current password")).toBeVisible();
    await look("password");
    await setUp();
    await expect(page).toHaveURL(/\/tenants\/\d+$/);
    await page.goto(`${strict.url}/profile`);
    await expect(main).toContainText("10 recovery codes are left");
    await expect(main).toContainText("It is required here");
    await expect(page.getByRole("button", { name: "Turn off two-step sign-in" })).toHaveCount(0);
    const [old = ""] = codes;
    await page.getByRole("button", { name: "Use another phone" }).click();
    await dialog.getByLabel("Your password").fill(member.password);
    await dialog.getByRole("textbox", { name: "Code" }).fill(old);
    await look("another phone");
    await dialog.getByRole("button", { name: "Next" }).click();
    await expect(page.getByRole("heading", { name: "Set up two-step sign-in" })).toBeVisible();
    await page.getByRole("button", { name: "Turn on two-step sign-in" }).click();
    await setUp();
    expect(codes).not.toContain(old);
    await expect(page).toHaveURL(/\/tenants/);
  } finally {
    // Its event stream would miss the process that ends now.
    await page.goto("about:blank");
    await strict.stop();
  }

  await page.context().clearCookies();
  await enterPassword(page, member);
  expect((await page.request.get("/api/tenants")).status()).toBe(401);
  const [spent = ""] = codes;
  await page.getByRole("textbox", { name: "Code" }).fill("000000");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").first()).toContainText("The code is wrong");
  await look("code");
  await page.getByRole("textbox", { name: "Code" }).fill(codeOf(secret, 1));
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/profile$/);
  await look("profile with two-step sign-in");

  await page.context().clearCookies();
  await enterPassword(page, member);
  await page.getByRole("link", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(spent.toUpperCase());
  await look("recovery code");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(main).toContainText("9 recovery codes are left");

  await page.getByRole("button", { name: "Make new recovery codes" }).click();
  await dialog.getByLabel("Your password").fill(member.password);
  await dialog.getByRole("textbox", { name: "Code" }).fill(spent);
  await dialog.getByRole("button", { name: "Make new codes" }).click();
  await expect(dialog.getByText("Is not right, or was used already")).toBeVisible();
  await look("new recovery codes");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Turn off two-step sign-in" }).click();
  await dialog.getByLabel("Your password").fill(member.password);
  await dialog.getByRole("textbox", { name: "Code" }).fill(codes[1] ?? "");
  await look("turning off");
  await dialog.getByRole("button", { name: "Turn off" }).click();
  await expect(page.getByRole("button", { name: "Turn on two-step sign-in" })).toBeVisible();
  expect(faults).toEqual([]);
});

/** What the app shows now, or some steps later: a code that was used is not taken again. */
function codeOf(secret: string, steps = 0): string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  return totp.generate({ timestamp: Date.now() + steps * 30_000 });
}
