import { allOf, type DigestFacts } from "#lib/alerts/digest-facts";
import { escaped, type MailText, page } from "./mail-text.ts";
import { headline, type Message, pageAddress } from "./message.ts";

/** The mail of a digest: what ran, what changed, what is at risk. */
export function digestMail(message: Message): MailText {
  const facts = message.data as unknown as DigestFacts;
  const title = headline(message);
  const { added, changed, removed } = facts.changes;
  const changes =
    added + changed + removed === 0
      ? "No policy was added, changed or removed."
      : `${added} added, ${changed} changed, ${removed} removed.`;
  const drift = facts.drift ? driftWords(facts.drift) : null;
  const address = pageAddress(message.link);
  const all = allOf(facts);
  const period = `Since ${minuteOf(facts.since)}, until ${minuteOf(facts.until)} UTC.`;
  const good = all.incidents === 0;
  const moreIncidents = andMore(all.incidents - facts.incidents.length);
  const moreSchedules = andMore(all.schedules - facts.schedules.length);
  return {
    subject: `[${good ? "All good" : `${all.incidents} at risk`}] ${title}`
      .replaceAll(/\s+/g, " ")
      .slice(0, 200),
    text: [
      title,
      `${message.body}\n${period}`,
      `What is at risk\n${good ? "Nothing." : [...facts.incidents.map((each) => `- ${each.title}: ${each.body}`), ...moreIncidents].join("\n")}`,
      `What changed\n${changes}`,
      ...(drift ? [`Drift from the baseline\n${drift}`] : []),
      `What ran\n${[...facts.schedules.map((each) => `- ${each.name}: ${wordsOf(each)}`), ...moreSchedules].join("\n") || "Nothing."}`,
      ...(address ? [`Open in TenantPilot: ${address}`] : []),
      `-- \n${reason}`,
    ].join("\n\n"),
    html: page({
      accent: good ? "#2f9e44" : "#e03131",
      title,
      content: [
        `<p style="margin:0 0 4px">${escaped(message.body)}</p>`,
        `<p class="muted" style="margin:0 0 16px;color:#5c6370">${escaped(period)}</p>`,
        heading("What is at risk"),
        good
          ? "<p>Nothing.</p>"
          : facts.incidents
              .map(
                (each) =>
                  `<p style="margin:0 0 8px"><strong>${escaped(each.title)}</strong><br>${escaped(each.body)}</p>`,
              )
              .join(""),
        ...moreIncidents.map((text) => `<p style="margin:0 0 8px">${text}</p>`),
        heading("What changed"),
        `<p style="margin:0 0 8px">${changes}</p>`,
        ...(drift ? [heading("Drift from the baseline"), `<p style="margin:0 0 8px">${drift}</p>`] : []),
        heading("What ran"),
        `<table role="presentation" cellpadding="0" cellspacing="0" style="border-collapse:collapse;width:100%">${facts.schedules
          .map(
            (each) =>
              `<tr><td style="padding:3px 16px 3px 0">${escaped(each.name)}</td><td class="muted" style="padding:3px 0;color:#5c6370;text-align:right">${escaped(wordsOf(each))}</td></tr>`,
          )
          .join("")}</table>`,
        ...moreSchedules.map((text) => `<p style="margin:8px 0 0">${text}</p>`),
        address
          ? `<p style="margin:20px 0 0"><a class="link" href="${escaped(address)}" style="color:#1864ab">Open in TenantPilot</a></p>`
          : "",
      ].join("\n"),
      foot: reason,
    }),
  };
}

const reason =
  "You get this digest because a rule of this tenant in TenantPilot sends it to you. It is set under Alerts.";

/** An instant to its minute, as UTC shows it. */
function minuteOf(at: string): string {
  return at.slice(0, 16).replace("T", " ");
}

function driftWords({ new: fresh, denied, accepted }: NonNullable<DigestFacts["drift"]>): string {
  return fresh + denied + accepted === 0
    ? "Everything is as the baseline has it."
    : `${fresh} new, ${denied} denied, ${accepted} accepted.`;
}

/** That there are more than are named, as a line of its own; none where all are. */
function andMore(count: number): string[] {
  return count > 0 ? [`And ${count} more.`] : [];
}

function heading(text: string): string {
  return `<h2 style="margin:18px 0 6px;font-size:16px">${text}</h2>`;
}

function wordsOf({ is_paused, runs, complete, last }: DigestFacts["schedules"][number]): string {
  if (is_paused) return "paused";
  if (runs === 0) return "did not run";
  return complete === runs
    ? `${complete} of ${runs} complete`
    : `${complete} of ${runs} complete, last: ${last}`;
}
