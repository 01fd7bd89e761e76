import { createHmac, randomBytes } from "node:crypto";

const prefix = "whsec_";

/** A new signing secret, as Standard Webhooks writes them: 192 random bits. */
export function newSigningSecret(): string {
  return `${prefix}${randomBytes(24).toString("base64")}`;
}

/**
 * The headers by which a receiver knows who sent a message and that nobody changed it (Standard Webhooks 1.0.0).
 * @param secrets all that a receiver may still go by while they are changed, the newest first
 * @param at when it is sent: receivers refuse what is older than five minutes
 */
export function signatureHeaders(
  id: string,
  at: Date,
  body: string,
  secrets: readonly string[],
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(prefix, ""), "base64");
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
