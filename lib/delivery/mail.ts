import { createTransport } from "nodemailer";
import { env } from "#lib/env";
import type { MailText } from "./mail-text.ts";

interface Mail extends MailText {
  to: readonly string[];
  /** The same on every attempt, so that mail programs show a repeated one once. */
  message_id: string;
  /** Of the mail that it belongs to, so that they show them together. */
  thread: string | null;
}

/**
 * Sends a mail by the operator's mail server, encrypted unless SMTP_TLS says otherwise.
 * @returns what the server answered, and whom of several it refused: the others have it, so it is not sent again
 * @throws Error with what it, or the way to it, said
 */
export async function sendMail(mail: Mail): Promise<string> {
  const settings = env();
  const { SMTP_FROM } = settings;
  const server = serverOf(settings);
  if (!server || !SMTP_FROM)
    throw new Error("No mail server is set up (SMTP_URL or SMTP_HOST, and SMTP_FROM).");
  const transport = createTransport({
    ...server,
    requireTLS: settings.SMTP_TLS === "required",
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    dnsTimeout: 10_000,
    // What a message says is text, and never the name of a file or of a page to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const sent = await transport.sendMail({
      from: SMTP_FROM,
      to: [...mail.to],
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      messageId: `<${mail.message_id}@${domainOf(SMTP_FROM)}>`,
      ...(mail.thread === null ? {} : { references: [`<${mail.thread}@${domainOf(SMTP_FROM)}>`] }),
      headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
    });
    const refused = sent.rejected.map((to) => (typeof to === "string" ? to : to.address));
    const answer = refused.length === 0 ? sent.response : `${sent.response} Refused: ${refused.join(", ")}`;
    // As much as the log of deliveries takes.
    return answer.replaceAll("\u0000", "").slice(0, 1_000);
  } finally {
    transport.close();
  }
}

interface MailServer {
  host: string;
  port: number;
  secure: boolean;
  auth?: { user: string; pass: string };
}

function serverOf(settings: ReturnType<typeof env>): MailServer | null {
  const { SMTP_URL, SMTP_HOST, SMTP_PORT, SMTP_USER, SMTP_PASSWORD } = settings;
  if (SMTP_URL) {
    const url = new URL(SMTP_URL);
    const secure = url.protocol === "smtps:";
    const port = url.port ? Number(url.port) : secure ? 465 : 587;
    const login = url.username
      ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
      : {};
    return { host: url.hostname, port, secure: secure || port === 465, ...login };
  }
  if (!SMTP_HOST) return null;
  const port = SMTP_PORT ?? 587;
  const login =
    SMTP_USER !== undefined && SMTP_PASSWORD !== undefined
      ? { auth: { user: SMTP_USER, pass: SMTP_PASSWORD } }
      : {};
  return { host: SMTP_HOST, port, secure: port === 465, ...login };
}

function domainOf(from: string): string {
  return /@([^@>\s]+)>?$/.exec(from)?.[1] ?? "localhost";
}
