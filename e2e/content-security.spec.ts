// Playwright's own test: the violation that this is about is an error in the console.
import { expect, test } from "@playwright/test";
import { person } from "./support/people.ts";
import { sessionOf } from "./support/session.ts";

const nonceOf = (policy: string | undefined) => /script-src [^;]*'nonce-([^']+)'/.exec(policy ?? "")?.[1];

test("a script that somebody smuggles into a page does not run, and each answer has a nonce of its own", async ({
  page,
}) => {
  const { tenant } = person("readonly");
  await page.context().addCookies((await sessionOf("readonly")).cookies);
  const first = await page.goto(`/tenants/${tenant.id}/backup-sets`);
  const second = await page.goto(`/tenants/${tenant.id}/backup-sets`);
  const nonces = [first, second].map((answer) => nonceOf(answer?.headers()["content-security-policy"]));
  expect(nonces[0]).toBeTruthy();
  expect(nonces[0]).not.toBe(nonces[1]);
  expect(second?.headers()["content-security-policy"]).not.toMatch(/script-src[^;]*'unsafe-/);

  const violated = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
        const smuggled = document.createElement("script");
        smuggled.textContent = "document.title = 'taken'";
        document.body.append(smuggled);
        const handler = document.createElement("div");
        handler.innerHTML = `<img src="data:," onerror="document.title = 'taken'" alt="">`;
        document.body.append(handler);
      }),
  );
  expect(violated).toMatch(/^script-src/);
  await expect(page).not.toHaveTitle("taken");
});
