import {
  factsOf,
  headline,
  incidentAddress,
  type Message,
  morePolicies,
  pageAddress,
  severityWord,
} from "./message.ts";

/** A mail as people get it: for who reads it as text, and for who reads it as a page. */
export interface MailText {
  subject: string;
  text: string;
  html: string;
}

/** The mail that tells of an event. */
export function alertMail(message: Message): MailText {
  const links = [
    ["Open in TenantPilot", pageAddress(message.link)],
    ["Acknowledge or snooze", message.is_end ? null : incidentAddress(message)],
  ].flatMap(([label, url]) => (label && url ? [{ label, url }] : []));
  const facts = factsOf(message);
  return {
    subject: `[${severityWord(message)}] ${headline(message)}`.replaceAll(/\s+/g, " ").slice(0, 200),
    text: [
      headline(message),
      message.body,
      ...changesInText(message),
      facts.map(([name, value]) => `${name}: ${value}`).join("\n"),
      ...links.map(({ label, url }) => `${label}: ${url}`),
      `-- \n${reasonOf(message)}`,
    ].join("\n\n"),
    html: page({
      accent: accents[message.is_end ? "end" : message.severity],
      title: message.title,
      content: `
        <p style="margin:0 0 16px">${escaped(message.body)}</p>
        ${changesInHtml(message)}
        <table role="presentation" cellpadding="0" cellspacing="0" style="border-collapse:collapse;margin:0 0 20px">
          ${facts.map(([name, value]) => `<tr><td class="muted" style="padding:3px 20px 3px 0;color:#5c6370;vertical-align:top">${escaped(name)}</td><td style="padding:3px 0">${escaped(value)}</td></tr>`).join("")}
        </table>
        ${links.map(({ label, url }, index) => (index === 0 ? button(label, url) : link(label, url))).join(" &nbsp; ")}`,
      foot: reasonOf(message),
    }),
  };
}

function changesInText(message: Message): string[] {
  const policies = message.changes?.policies ?? [];
  return [
    ...policies.map(({ name, lines, more }) =>
      [name, ...lines.map((line) => `  ${line}`), ...(more > 0 ? [`  and ${more} more`] : [])].join("\n"),
    ),
    ...optional(morePolicies(message)),
  ];
}

function optional(text: string | null): string[] {
  return text === null ? [] : [text];
}

function changesInHtml(message: Message): string {
  const policies = message.changes?.policies ?? [];
  const each = policies.map(
    ({ name, lines, more }) => `<p style="margin:0 0 4px;font-weight:600">${escaped(name)}</p>
        <ul style="margin:0 0 14px;padding:0 0 0 20px">${[...lines, ...(more > 0 ? [`and ${more} more`] : [])]
          .map((line) => `<li style="margin:0 0 2px">${escaped(line)}</li>`)
          .join("")}</ul>`,
  );
  const rest = optional(morePolicies(message)).map((text) => `<p style="margin:0 0 16px">${text}</p>`);
  return [...each, ...rest].join("");
}

/** Why somebody gets a mail, and where that is set: administrators of the platform set it for all whom its rules name. */
function reasonOf({ is_for_platform }: Message): string {
  return is_for_platform
    ? "You get this mail because a rule of the platform in TenantPilot, for all of its tenants, sends it to you. What is sent is set by administrators under Platform, Alerts."
    : "You get this mail because a rule of this tenant in TenantPilot sends it to you. What you are told is set under Alerts, and for yourself in your profile.";
}

/** Of the bar above a mail: dark enough for white text beside it, light enough for a dark page. */
const accents = { info: "#1c7ed6", warning: "#e67700", critical: "#e03131", end: "#2f9e44" } as const;

/** One page for all mails. Styles stand at each element: half of the mail programs drop a style sheet. */
export function page(parts: { accent: string; title: string; content: string; foot: string }): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${escaped(parts.title)}</title>
<style>
  @media (prefers-color-scheme: dark) {
    body, .page { background: #141517 !important; color: #e6e8eb !important }
    .card { background: #1f2124 !important; border-right-color: #373a40 !important; border-bottom-color: #373a40 !important; border-left-color: #373a40 !important }
    .muted { color: #a6adb8 !important }
    a.link { color: #74c0fc !important }
  }
</style></head>
<body class="page" style="margin:0;padding:24px 12px;background:#f1f3f5;color:#1f2328;font:15px/1.5 'Segoe UI',system-ui,-apple-system,Roboto,Arial,sans-serif">
<table role="presentation" align="center" cellpadding="0" cellspacing="0" style="width:100%;max-width:600px;margin:0 auto"><tr>
<td class="card" style="background:#ffffff;border:1px solid #dee2e6;border-top:5px solid ${parts.accent};border-radius:8px;padding:24px">
<h1 style="margin:0 0 14px;font-size:20px;line-height:1.3">${escaped(parts.title)}</h1>
${parts.content}
</td></tr><tr><td class="muted" style="padding:14px 8px;color:#5c6370;font-size:12px">${escaped(parts.foot)}</td></tr></table>
</body></html>`;
}

function button(label: string, url: string): string {
  return `<a href="${escaped(url)}" style="display:inline-block;background:#1864ab;color:#ffffff;text-decoration:none;padding:9px 18px;border-radius:6px;font-weight:600">${escaped(label)}</a>`;
}

function link(label: string, url: string): string {
  return `<a class="link" href="${escaped(url)}" style="color:#1864ab">${escaped(label)}</a>`;
}

/** Text between tags and in attributes. */
export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
