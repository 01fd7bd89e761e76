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
import { runErrors } from "#lib/run-error-codes";
import { browserLaunchOptions } from "../e2e/support/browser.ts";
import { ensureBrowser } from "./checks/ensure-browser.ts";

/**
 * Takes a picture of the mails, in light and in dark as mail programs that know both show them, and of cards for Teams as
 * Microsoft's own renderer draws them. The pictures of docs/alerts.md are these.
 *
 *   npm run pictures:alerts -- [--out docs/images]
 */
const { values } = parseArgs({ options: { out: { type: "string", default: "docs/images" } } });
process.env.DATABASE_URL ??= "postgresql://nobody@localhost/none";
process.env.NEXTAUTH_URL = "https://tenantpilot.contoso.example";

const schedule_name = "Nightly, all policies";
const people = "Adele Vance and Alex Wilber";
const failed: Message = {
  id: "evt_1",
  kind: "run.failed",
  severity: "critical",
  is_end: false,
  title: "Backup failed",
  body: `"${schedule_name}": ${runErrors.AUTH_CONFIG.meaning}`,
  link: "/tenants/1/runs/7",
  data: { schedule_name },
  tenant: { id: 1, name: "Contoso" },
  incident_id: 3,
  created_at: "2026-11-29T02:31:07.000Z",
};
const changed: Message = {
  ...failed,
  kind: "policies.changed",
  severity: "info",
  title: "Policies changed",
  body: `"${schedule_name}" found 0 added, 3 changed, 0 removed since its last backup. Changed by ${people}.`,
  link: "/tenants/1/backup-sets/41",
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
const drifted: Message = {
  ...failed,
  kind: "drift.found",
  severity: "warning",
  title: "Drift from the baseline",
  body: "4 policies differ from the baseline: 3 new, 1 denied.",
  link: "/tenants/1/drift",
  data: { new: 3, denied: 1 },
  incident_id: 5,
  changes: {
    policies: [
      {
        name: "Require MFA for administrators",
        lines: [
          "State: On → Report-only",
          "Users › Excluded: Not configured → Pilots",
          "Last changed by Adele Vance",
        ],
        more: 0,
      },
      { name: "Kiosk, temporary", lines: ["Not in the baseline", "Last changed by Alex Wilber"], more: 0 },
      {
        name: "Block legacy authentication",
        lines: ["In the baseline, and not in the tenant any more"],
        more: 0,
      },
    ],
    more: 1,
  },
};
const facts: DigestFacts = {
  since: "2026-11-28T06:00:07.000Z",
  until: "2026-11-29T06:00:05.000Z",
  runs: { success: 24, partial: 0, failed: 1, skipped: 0 },
  changes: { added: 1, changed: 3, removed: 0 },
  drift: { new: 3, denied: 1, accepted: 4 },
  schedules: [
    { name: schedule_name, last: "failed", is_paused: false, complete: 0, runs: 1 },
    { name: "Conditional access, hourly", last: "success", is_paused: false, complete: 24, runs: 24 },
  ],
  incidents: [failed, drifted].map(({ title, body, severity }) => ({ title, body, severity, times: 1 })),
};
const digest: Message = {
  ...failed,
  kind: "digest",
  severity: "info",
  title: "Daily digest",
  body: "24 of 25 runs backed up everything. 2 things are wrong now.",
  link: "/tenants/1",
  data: { ...facts },
  incident_id: null,
};
const mails = {
  "mail-failed": alertMail(failed).html,
  "mail-changed": alertMail(changed).html,
  "mail-drift": alertMail(drifted).html,
  "mail-digest": digestMail(digest).html,
};
const cards = { "card-failed": failed, "card-drift": drifted };

await ensureBrowser();
await mkdir(values.out, { recursive: true });
const browser = await chromium.launch(browserLaunchOptions());
try {
  for (const colorScheme of ["light", "dark"] as const) {
    const context = await browser.newContext({ viewport: { width: 640, height: 100 }, colorScheme });
    for (const [name, html] of Object.entries(mails)) await take(context, html, `${name}-${colorScheme}.png`);
    for (const [name, message] of Object.entries(cards))
      await take(context, cardPage(message, colorScheme), `${name}-${colorScheme}.png`);
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
  const [attention, warning] = scheme === "light" ? ["#fdf3f4", "#fef7e8"] : ["#3f1d1f", "#3d3018"];
  const colors = { default: { default: text, subtle }, attention: { default: text, subtle } };
  const config = {
    fontFamily: "Segoe UI, system-ui, sans-serif",
    spacing: { small: 4, default: 8, medium: 12, large: 16, padding: 16 },
    containerStyles: {
      default: { backgroundColor: surface, foregroundColors: colors },
      attention: { backgroundColor: attention, foregroundColors: colors },
      warning: { backgroundColor: warning, foregroundColors: colors },
    },
    actions: { actionsOrientation: "horizontal", actionAlignment: "left", buttonSpacing: 8 },
  };
  const embedded = (value: unknown) => JSON.stringify(value).replaceAll("<", "\\u003c");
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; padding: 20px; background: ${ground} }
    .ac-adaptiveCard { border-radius: 6px; box-shadow: 0 1px 4px #0004 }
    button { padding: 6px 14px; border: 1px solid ${subtle}; border-radius: 4px; background: ${surface}; color: ${text}; font: 600 14px Segoe UI, system-ui, sans-serif }
  </style><script>${renderer.replaceAll("</script", "<\\/script")}</script><script>
    // Markdown is the host's. What our cards have of it: lists, and signs that stand for themselves.
    AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
      const shown = (line) =>
        line.replace(/\\\\([^a-z0-9])/gi, "$1").replace(/[&<>]/g, (sign) => "&#" + sign.charCodeAt(0) + ";");
      const lines = text.split("\\n");
      result.outputHtml = lines.every((line) => line.startsWith("- "))
        ? '<ul style="margin: 0; padding-left: 18px">' + lines.map((line) => "<li>" + shown(line.slice(2)) + "</li>").join("") + "</ul>"
        : "<p>" + lines.map(shown).join("<br>") + "</p>";
      result.didProcess = true;
    };
    const card = new AdaptiveCards.AdaptiveCard();
    card.hostConfig = new AdaptiveCards.HostConfig(${embedded(config)});
    card.parse(${embedded(card)});
    addEventListener("DOMContentLoaded", () => document.body.append(card.render()));
  </script><body></body>`;
}
