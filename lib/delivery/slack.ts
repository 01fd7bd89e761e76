import type { KnownBlock } from "@slack/types";
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
    ...changesOf(message).map((text) => ({
      type: "section" as const,
      text: { type: "mrkdwn" as const, text: cut(escaped(cut(text, 2_000)), 3_000), verbatim: true },
    })),
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

/** A text for each policy that is told of. */
function changesOf(message: Message): string[] {
  if (!message.changes) return [];
  const changes = fewerChanges(message.changes, { policies: 10, lines: 6 });
  const rest = morePolicies({ ...message, changes });
  return [
    ...changes.policies.map(({ name, lines, more }) =>
      [`*${name}*`, ...[...lines, ...(more > 0 ? [`and ${more} more`] : [])].map((line) => `• ${line}`)].join(
        "\n",
      ),
    ),
    ...(rest === null ? [] : [rest]),
  ];
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
