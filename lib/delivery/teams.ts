import { cut, factsOf, headline, incidentAddress, type Message, pageAddress } from "./message.ts";

/** Teams takes 28 KB and cuts or drops what is larger: this leaves room for what a workflow adds. */
export const cardBytesMost = 20_000;

/**
 * The body for a workflow ("Post to a channel when a webhook request is received"): one message with one Adaptive Card, of
 * version 1.4, which Teams shows everywhere.
 */
export function teamsBody(message: Message): string {
  for (const most of [4_000, 1_000, 200]) {
    const body = JSON.stringify(cardMessage(message, most));
    if (Buffer.byteLength(body) <= cardBytesMost) return body;
  }
  throw new Error("An alert does not fit a card");
}

function cardMessage(message: Message, most: number): object {
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
            { type: "TextBlock", text: plain(cut(message.body, most)), wrap: true },
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

/** What Teams colors by: its themes, light and dark, have a color for each. */
function styleOf(message: Message): string {
  if (message.is_end) return "good";
  return { info: "accent", warning: "warning", critical: "attention" }[message.severity];
}

/** Cards read a part of Markdown: a name must make no link, no list and no emphasis. */
function plain(text: string): string {
  return text.replace(/[\\`*_[\]]/g, "\\$&").replace(/^(\s*)([-+#>]|\d+\.)/gm, "$1\\$2");
}
