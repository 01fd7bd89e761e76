import { digestKind } from "#lib/alerts/digest-facts";
import type { TargetSecret } from "#lib/alerts/target-secret";
import { digestMail } from "./digest-mail.ts";
import { errorText } from "./error-text.ts";
import { type Answered, guardedRequest } from "./guarded-request.ts";
import { sendMail } from "./mail.ts";
import { alertMail, type MailText } from "./mail-text.ts";
import type { Message } from "./message.ts";
import { signatureHeaders } from "./sign.ts";
import { slackBody } from "./slack.ts";
import { teamsBody } from "./teams.ts";
import { webhookBody } from "./webhook.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** What an attempt came to. */
export interface Outcome {
  ok: boolean;
  /** The HTTP status, where there was one. */
  status: number | null;
  /** What the receiver said, or what went wrong on the way. */
  answer: string;
  duration_ms: number;
  /** How long the receiver asks to wait, in seconds. */
  retry_after: number | null;
}

/** A target as it is delivered to. */
export type Destination =
  | { kind: "email"; to: readonly string[]; message_id: string; thread: string | null }
  | { kind: "webhook" | "teams" | "slack" | "heartbeat"; secret: TargetSecret }
  /** None of this installation's keys opens where it is. */
  | { kind: "sealed" };

const unopened = "The target's address opens with none of this installation's encryption keys.";

/** Sends a message once. Never throws: what went wrong is the outcome. */
export async function sendTo(
  destination: Destination,
  message: Message,
  signal?: AbortSignal,
): Promise<Outcome> {
  const began = performance.now();
  const done = (outcome: Omit<Outcome, "duration_ms">): Outcome => ({
    ...outcome,
    duration_ms: Math.round(performance.now() - began),
  });
  if (destination.kind === "sealed")
    return done({ ok: false, status: null, answer: unopened, retry_after: null });
  try {
    if (destination.kind === "email") {
      const answer = await sendMail({ ...mailFor(message), ...destination });
      return done({ ok: true, status: null, answer, retry_after: null });
    }
    const answered = await post(destination, message, signal);
    const answer = withoutSecrets(answered.answer, destination.secret);
    return done({ ...answered, answer, ok: answered.status >= 200 && answered.status < 300 });
  } catch (error) {
    return done({ ok: false, status: null, answer: errorText(error), retry_after: null });
  }
}

function post(
  { kind, secret }: Extract<Destination, { secret: TargetSecret }>,
  message: Message,
  signal: AbortSignal | undefined,
): Promise<Answered> {
  const stop = signal ? { signal } : {};
  if (kind === "heartbeat") return guardedRequest({ method: "GET", url: secret.url, ...stop });
  const body = bodyFor(kind, message);
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (kind === "webhook") {
    const now = new Date();
    const valid = secret.signing.filter(({ until }) => until === null || new Date(until) > now);
    const secrets = valid.map((each) => each.secret);
    Object.assign(headers, signatureHeaders(message.id, now, body, secrets));
    if (secret.authorization !== null) headers.authorization = secret.authorization;
  }
  return guardedRequest({ method: "POST", url: secret.url, headers, body, ...stop });
}

/** What a kind of target is sent. */
export function bodyFor(kind: "webhook" | "teams" | "slack", message: Message): string {
  return { webhook: webhookBody, teams: teamsBody, slack: slackBody }[kind](message);
}

/** The mail of an event, or of a digest. */
export function mailFor(message: Message): MailText {
  return message.kind === digestKind ? digestMail(message) : alertMail(message);
}
