import {
  cut,
  factsOf,
  fewerChanges,
  headline,
  incidentAddress,
  type Message,
  morePolicies,
  pageAddress,
} from "./message.ts";

/** Teams takes 28 KB and cuts or drops what is larger: this leaves room for what a workflow adds. */
export const cardBytesMost = 20_000;

/** How much a card says, from the most: characters of the text, and what changed. */
const sizes = [
  { text: 4_000, policies: 10, lines: 6 },
  { text: 1_000, policies: 10, lines: 2 },
  { text: 1_000, policies: 5, lines: 1 },
  { text: 200, policies: 0, lines: 0 },
] as const;

/**
 * The body for a workflow ("Post to a channel when a webhook request is received"): one message with one Adaptive Card, of
 * version 1.4, which Teams shows everywhere.
 */
export function teamsBody(message: Message): string {
  for (const most of sizes) {
    const body = JSON.stringify(cardMessage(message, most));
    if (Buffer.byteLength(body) <= cardBytesMost) return body;
  }
  throw new Error("An alert does not fit a card");
}

function cardMessage(message: Message, most: (typeof sizes)[number]): object {
  const actions = [
    ["Open in TenantPilot", pageAddress(message.link)],
    ["Acknowledge or snooze", message.is_end ? null : incidentAddress(message)],
  ].flatMap(([title, url]) => (url ? [{ type: "Action.OpenUrl", title, url }] : []));
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          msteams: { width: "Full" },
          body: [
            {
              type: "Container",
              style: styleOf(message),
              bleed: true,
              items: [
                {
                  type: "TextBlock",
                  text: plain(cut(headline(message), 300)),
                  weight: "Bolder",
                  size: "Medium",
                  wrap: true,
                },
              ],
            },
            { type: "TextBlock", text: plain(cut(message.body, most.text)), wrap: true },
            ...changesOf(message, most),
            {
              type: "FactSet",
              facts: factsOf(message).map(([title, value]) => ({ title, value: plain(cut(value, 300)) })),
            },
          ],
          ...(actions.length > 0 ? { actions } : {}),
        },
      },
    ],
  };
}

/** What changed: each policy, and below it a list. */
function changesOf(message: Message, most: { policies: number; lines: number }): object[] {
  if (!message.changes) return [];
  const changes = fewerChanges(message.changes, most);
  const rest = morePolicies({ ...message, changes });
  return [
    ...changes.policies.flatMap(({ name, lines, more }) => [
      { type: "TextBlock", text: plain(name), weight: "Bolder", wrap: true },
      {
        type: "TextBlock",
        text: [...lines, ...(more > 0 ? [`and ${more} more`] : [])]
          .map((line) => `- ${plain(line)}`)
          .join("\n"),
        wrap: true,
        spacing: "None",
      },
    ]),
    ...(rest === null ? [] : [{ type: "TextBlock", text: rest, wrap: true }]),
  ];
}

/** What Teams colors by: its themes, light and dark, have a color for each. */
function styleOf(message: Message): string {
  if (message.is_end) return "good";
  return { info: "accent", warning: "warning", critical: "attention" }[message.severity];
}

/** Cards read a part of Markdown: a name must make no link, no list and no emphasis. */
function plain(text: string): string {
  return text
    .replace(/[\\`*_[\]]/g, "\\$&")
    .replace(/^(\s*)([-+#>])/gm, "$1\\$2")
    .replace(/^(\s*\d+)([.)])/gm, "$1\\$2");
}
