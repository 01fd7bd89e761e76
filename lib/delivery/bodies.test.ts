import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { runInNewContext } from "node:vm";
import type { KnownBlock } from "@slack/types";
import { beforeAll, expect, test } from "vitest";
import { alertMail } from "./mail-text.ts";
import type { Message } from "./message.ts";
import { slackBody } from "./slack.ts";
import { cardBytesMost, teamsBody } from "./teams.ts";

/** What Teams and Slack are sent, held against what Microsoft and Slack publish of it. */

beforeAll(() => {
  process.env.DATABASE_URL ??= "postgresql://nobody@localhost/none";
  process.env.NEXTAUTH_URL = "https://tenantpilot.example";
});

const message: Message = {
  id: "evt_1",
  kind: "run.failed",
  severity: "critical",
  is_end: false,
  title: "Backup failed",
  body: '"Nightly": Microsoft Graph is away.',
  link: "/tenants/1/runs/7",
  data: { schedule_name: "Nightly" },
  tenant: { id: 1, name: "Contoso" },
  incident_id: 3,
  created_at: "2026-11-29T02:31:07.000Z",
};
/** The longest and the strangest of what people call things. */
const hostile = '<!channel> <https://evil.example|x> **b** [l](https://evil.example) `c` & "q" 🙂 ';
const messages: Message[] = [
  message,
  { ...message, is_end: true, kind: "run.recovered" },
  { ...message, severity: "info", link: null, incident_id: null, data: {} },
  {
    ...message,
    severity: "warning",
    title: hostile,
    body: hostile.repeat(2_000),
    tenant: { id: 1, name: hostile.repeat(40) },
  },
  { ...message, body: "😀".repeat(9_000), data: { schedule_name: "\u0001".repeat(900) } },
  {
    ...message,
    kind: "drift.found",
    changes: changesOf("Policy", "Require BitLocker: Enabled → Not configured"),
  },
  { ...message, kind: "drift.found", changes: changesOf(hostile.repeat(5), hostile.repeat(9)) },
  { ...message, kind: "drift.found", changes: changesOf("\u0001".repeat(500), "😀".repeat(500)) },
];

function changesOf(name: string, line: string) {
  const policies = Array.from({ length: 12 }, () => ({
    name,
    lines: Array.from({ length: 7 }, () => line),
    more: 1,
  }));
  return { policies, more: 30 };
}

interface Parser {
  AdaptiveCard: new () => { parse(json: unknown, context: Context): void; toJSON(): unknown };
  SerializationContext: new (version: unknown) => Context;
  Versions: { v1_4: unknown };
}
interface Context {
  eventCount: number;
  getEventAt(index: number): { message: string };
}

/** Microsoft's own parser of cards, which is made for browsers. */
function cardParser(): Parser {
  const file = createRequire(import.meta.url).resolve("adaptivecards/dist/adaptivecards.js");
  const context = { module: { exports: {} }, exports: {}, self: {} };
  context.exports = context.module.exports;
  runInNewContext(readFileSync(file, "utf8"), context);
  return context.module.exports as Parser;
}

test("every card is one that Microsoft's parser of version 1.4 understands whole, and is below 20 KB", () => {
  const { AdaptiveCard, SerializationContext, Versions } = cardParser();
  for (const each of messages) {
    const body = teamsBody(each);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(cardBytesMost);
    const { type, attachments } = JSON.parse(body);
    expect([type, attachments.length, attachments[0].contentType]).toEqual([
      "message",
      1,
      "application/vnd.microsoft.card.adaptive",
    ]);
    const { msteams, ...content } = attachments[0].content;
    expect(msteams).toEqual({ width: "Full" });
    const card = new AdaptiveCard();
    const context = new SerializationContext(Versions.v1_4);
    card.parse(content, context);
    const faults = Array.from(
      { length: context.eventCount },
      (_, index) => context.getEventAt(index).message,
    );
    expect(faults).toEqual([]);
    // What it did not know it would have dropped.
    expect(JSON.parse(JSON.stringify(card.toJSON()))).toEqual(content);
  }
});

test("a mail of changed policies says what changed, as text and escaped as a page, and what it leaves out", () => {
  const changes = {
    policies: [
      { name: "<b>BitLocker</b>", lines: ["Require BitLocker: Not configured → Enabled"], more: 2 },
      { name: "Ring", lines: ["Drivers excluded: No → Yes"], more: 0 },
    ],
    more: 1,
  };
  const { text, html } = alertMail({ ...message, kind: "policies.changed", changes });
  expect(text).toContain(
    "\n\n<b>BitLocker</b>\n  Require BitLocker: Not configured → Enabled\n  and 2 more\n\nRing\n  Drivers excluded: No → Yes\n\nAnd 1 more changed policy.\n\n",
  );
  expect(html).toContain("&lt;b&gt;BitLocker&lt;/b&gt;");
  expect(html).not.toContain("<b>BitLocker");
  expect(html).toContain('<li style="margin:0 0 2px">Drivers excluded: No → Yes</li>');
  expect(html).toContain("And 1 more changed policy.");
  expect(alertMail(message).text).not.toContain("more changed");
});

test("a card says of as many policies how they differ as fit, and counts the others", () => {
  const told = (each: Message) => {
    const text = teamsBody(each);
    return [text.split('"weight":"Bolder"').length - 2, /And (\d+) more differing policies/.exec(text)?.[1]];
  };
  const [some = message, , many = message] = messages.slice(-3);
  expect(told(some)).toEqual([10, "32"]);
  expect(teamsBody(some)).toContain("Require BitLocker: Enabled → Not configured");
  const [policies = 0, more] = told(many);
  expect(Number(policies) + Number(more)).toBe(42);
  const { blocks } = JSON.parse(slackBody(some));
  expect(JSON.stringify(blocks)).toContain("*Policy*\\n• Require BitLocker: Enabled → Not configured");
});

test("the bar above a mail says how bad it is, in the dark too", () => {
  const { html } = alertMail(message);
  expect(html).toContain("border-top:5px solid #e03131");
  const dark = html.slice(html.indexOf("prefers-color-scheme"), html.indexOf("</style>"));
  expect(dark).toContain(".card {");
  expect(dark).not.toMatch(/border(-top)?(-color)?:/);
});

test("the parser finds what is wrong with a card", () => {
  const { AdaptiveCard, SerializationContext, Versions } = cardParser();
  const context = new SerializationContext(Versions.v1_4);
  new AdaptiveCard().parse({ type: "AdaptiveCard", version: "1.4", body: [{ type: "Nope" }] }, context);
  expect(context.eventCount).toBe(1);
});

test("a name makes no link and no mention in a card or a message", () => {
  const [, , , strange = message] = messages;
  expect(teamsBody(strange)).not.toMatch(/[^\\]\[l\]\(/);
  // The header is plain text, in which Slack reads no mention.
  const { text, blocks } = JSON.parse(slackBody(strange));
  const marked = JSON.stringify([text, blocks.filter((block: KnownBlock) => block.type !== "header")]);
  expect(marked).not.toMatch(/<!channel>|<https:\/\/evil/);
});

test("a text that begins as a list does is none in a card", () => {
  const { attachments } = JSON.parse(teamsBody({ ...message, body: "1. Pilot\n- Ring\n2) Broad" }));
  expect(attachments[0].content.body[1].text).toBe("1\\. Pilot\n\\- Ring\n2\\) Broad");
});

test("every message to Slack has its blocks within the limits that Slack documents, and a text beside them", () => {
  for (const each of messages) {
    const { text, blocks }: { text: string; blocks: KnownBlock[] } = JSON.parse(slackBody(each));
    expect(text.length).toBeGreaterThan(0);
    expect(text.length).toBeLessThanOrEqual(40_000);
    expect(blocks.length).toBeLessThanOrEqual(50);
    for (const block of blocks) {
      if (block.type === "header") expect(block.text.text.length).toBeLessThanOrEqual(150);
      else if (block.type === "section") {
        expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(3_000);
        expect(block.fields?.length ?? 0).toBeLessThanOrEqual(10);
        for (const field of block.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2_000);
      } else if (block.type === "actions") {
        expect(block.elements.length).toBeLessThanOrEqual(25);
        for (const element of block.elements) {
          if (element.type !== "button") throw new Error(`Slack gets a ${element.type}`);
          expect(element.text.text.length).toBeLessThanOrEqual(75);
          expect(element.url?.length ?? 0).toBeLessThanOrEqual(3_000);
        }
      } else throw new Error(`Slack gets a ${block.type}`);
    }
  }
});
