import { incidentAddress, type Message, pageAddress } from "./message.ts";

/** Raised when a field changes its meaning or goes; new fields do not raise it. */
export const webhookVersion = 1;

/** The body of a generic webhook: thin, and the rest is behind its links and the API. */
export function webhookBody(message: Message): string {
  return JSON.stringify({
    type: message.kind,
    timestamp: message.created_at,
    version: webhookVersion,
    data: {
      id: message.id,
      severity: message.severity,
      title: message.title,
      body: message.body,
      link: pageAddress(message.link),
      incident_id: message.incident_id,
      incident_link: incidentAddress(message),
      is_end: message.is_end,
      tenant_id: message.tenant?.id ?? null,
      tenant_name: message.tenant?.name ?? null,
      details: message.data,
    },
  });
}
