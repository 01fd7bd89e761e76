import type { KnownBlock } from "@slack/types";
import { cut, factsOf, headline, incidentAddress, type Message, pageAddress } from "./message.ts";

/** The body for an incoming webhook of Slack: blocks, and a text for notifications and screen readers. */
export function slackBody(message: Message): string {
  const buttons = [
    ["Open in TenantPilot", pageAddress(message.link)],
    ["Acknowledge or snooze", message.is_end ? null : incidentAddress(message)],
  ].flatMap(([text, url]) =>
    url && text
      ? [{ type: "button" as const, text: { type: "plain_text" as const, text, emoji: false }, url }]
      : [],
  );
  const blocks: KnownBlock[] = [
    {
      type: "header",
      text: { type: "plain_text", text: cut(`${signOf(message)} ${headline(message)}`, 150), emoji: true },
    },
    {
      type: "section",
      text: { type: "mrkdwn", text: cut(escaped(cut(message.body, 2_000)), 3_000), verbatim: true },
    },
    {
      type: "section",
      fields: factsOf(message).map(([name, value]) => ({
        type: "mrkdwn" as const,
        text: `*${name}*\n${cut(escaped(cut(value, 300)), 1_900)}`,
        verbatim: true,
      })),
    },
    ...(buttons.length > 0 ? [{ type: "actions" as const, elements: buttons }] : []),
  ];
  const text = escaped(cut(`${headline(message)}: ${message.body}`, 1_000));
  return JSON.stringify({ text, blocks });
}

function signOf(message: Message): string {
  if (message.is_end) return ":white_check_mark:";
  return { info: ":information_source:", warning: ":warning:", critical: ":rotating_light:" }[
    message.severity
  ];
}

/** The three characters by which Slack knows links and mentions: a name must call nobody. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
