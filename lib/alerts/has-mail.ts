import { env } from "#lib/env";

/** Whether there is a mail server. Without one there is no mail, and no log of it either. */
export function hasMail(): boolean {
  const { SMTP_URL, SMTP_HOST } = env();
  return SMTP_URL !== undefined || SMTP_HOST !== undefined;
}
