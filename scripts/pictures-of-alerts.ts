import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type BrowserContext, chromium } from "@playwright/test";
import type { DigestFacts } from "#lib/alerts/digest-facts";
import { digestMail } from "#lib/delivery/digest-mail";
import { alertMail } from "#lib/delivery/mail-text";
import type { Message } from "#lib/delivery/message";
import { teamsBody } from "#lib/delivery/teams";
import { browserLaunchOptions } from "../e2e/support/browser.ts";
import { ensureBrowser } from "./checks/ensure-browser.ts";

/**
 * Takes a picture of the mails, in light and in dark as mail programs that know both show them, and of the card for Teams as
 * Microsoft's own renderer draws it. The pictures of docs/alerts.md are these.
 *
 *   npm run pictures:alerts -- [--out docs/images]
 */
const { values } = parseArgs({ options: { out: { type: "string", default: "docs/images" } } });
process.env.DATABASE_URL ??= "postgresql://nobody@localhost/none";
process.env.NEXTAUTH_URL = "https://tenantpilot.contoso.example";

const failed: Message = {
  id: "evt_1",
  kind: "run.failed",
  severity: "critical",
  is_end: false,
  title: "Backup failed",
  body: "“Nightly, all policies” ended without a backup set: the client secret of the connection has expired. Enter a new one under Connection.",
  link: "/tenants/1/runs/7",
  data: { schedule_name: "Nightly, all policies" },
  tenant: { id: 1, name: "Contoso" },
  incident_id: 3,
  created_at: "2026-11-29T02:31:07.000Z",
};
const changed: Message = {
  ...failed,
  kind: "policies.changed",
  severity: "info",
  title: "3 policies changed",
  body: "“Nightly, all policies” found 3 changed policies since 28 November. By Adele Vance (2) and Alex Wilber (1).",
  link: "/tenants/1/backup-sets/41/compare",
  incident_id: null,
  changes: {
    policies: [
      {
        name: "Windows compliance",
        lines: ["Require BitLocker: Not configured → Require", "Minimum OS version: 10.0.22000 → 10.0.26100"],
        more: 0,
      },
      { name: "Ring 1 (pilot)", lines: ["Quality update deferral: 0 days → 7 days"], more: 4 },
    ],
    more: 1,
  },
};
const facts: DigestFacts = {
  since: "2026-11-28T06:00:00.000Z",
  until: "2026-11-29T06:00:00.000Z",
  runs: { success: 2, partial: 0, failed: 1, skipped: 0 },
  changes: { added: 1, changed: 3, removed: 0 },
  drift: { new: 2, denied: 1, accepted: 4 },
  schedules: [
    { name: "Nightly, all policies", last: "failed", is_paused: false, complete: 0, runs: 1 },
    { name: "Conditional access, hourly", last: "success", is_paused: false, complete: 24, runs: 24 },
  ],
  incidents: [{ title: failed.title, body: failed.body, severity: "critical", times: 1 }],
};
const digest: Message = {
  ...failed,
  kind: "digest",
  severity: "info",
  title: "Daily digest",
  body: "From 28 November, 07:00 to 29 November, 07:00.",
  link: "/tenants/1",
  data: { ...facts },
  incident_id: null,
};
const mails = {
  "mail-failed": alertMail(failed).html,
  "mail-changed": alertMail(changed).html,
  "mail-digest": digestMail(digest).html,
};

await ensureBrowser();
await mkdir(values.out, { recursive: true });
const browser = await chromium.launch(browserLaunchOptions());
try {
  for (const colorScheme of ["light", "dark"] as const) {
    const context = await browser.newContext({ viewport: { width: 640, height: 100 }, colorScheme });
    for (const [name, html] of Object.entries(mails)) await take(context, html, `${name}-${colorScheme}.png`);
    await take(context, cardPage(failed, colorScheme), `card-failed-${colorScheme}.png`);
    await context.close();
  }
} finally {
  await browser.close();
}

async function take(context: BrowserContext, html: string, file: string): Promise<void> {
  const page = await context.newPage();
  await page.setContent(html, { waitUntil: "load" });
  await page.screenshot({ path: join(values.out, file), fullPage: true });
  await page.close();
  console.log(join(values.out, file));
}

/** A page in which Microsoft's renderer draws the card, in colors such as those of Teams. */
function cardPage(message: Message, scheme: "light" | "dark"): string {
  const renderer = readFileSync(
    createRequire(import.meta.url).resolve("adaptivecards/dist/adaptivecards.js"),
    "utf8",
  );
  const card: unknown = JSON.parse(teamsBody(message)).attachments[0].content;
  const [ground, surface, text, subtle] =
    scheme === "light"
      ? ["#f5f5f5", "#fff", "#242424", "#616161"]
      : ["#1f1f1f", "#292929", "#fff", "#adadad"];
  const attention = scheme === "light" ? "#fdf3f4" : "#3f1d1f";
  const colors = { default: { default: text, subtle }, attention: { default: text, subtle } };
  const config = {
    fontFamily: "Segoe UI, system-ui, sans-serif",
    spacing: { small: 4, default: 8, medium: 12, large: 16, padding: 16 },
    containerStyles: {
      default: { backgroundColor: surface, foregroundColors: colors },
      attention: { backgroundColor: attention, foregroundColors: colors },
    },
    actions: { actionsOrientation: "horizontal", actionAlignment: "left", buttonSpacing: 8 },
  };
  const embedded = (value: unknown) => JSON.stringify(value).replaceAll("<", "\\u003c");
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; padding: 20px; background: ${ground} }
    .ac-adaptiveCard { border-radius: 6px; box-shadow: 0 1px 4px #0004 }
    button { padding: 6px 14px; border: 1px solid ${subtle}; border-radius: 4px; background: ${surface}; color: ${text}; font: 600 14px Segoe UI, system-ui, sans-serif }
  </style><script>${renderer.replaceAll("</script", "<\\/script")}</script><script>
    const card = new AdaptiveCards.AdaptiveCard();
    card.hostConfig = new AdaptiveCards.HostConfig(${embedded(config)});
    card.parse(${embedded(card)});
    addEventListener("DOMContentLoaded", () => document.body.append(card.render()));
  </script><body></body>`;
}
