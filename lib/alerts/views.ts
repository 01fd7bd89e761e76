import { z } from "zod";
import { id, instant, policyType } from "#lib/view-fields";
import { alertKinds, severities } from "./kinds.ts";
import { targetKinds } from "./targets-schema.ts";

export const severity = z.enum(severities).meta({ description: "How bad it is, from info to critical" });

const what = {
  title: z.string().meta({ description: "What happened" }),
  body: z.string().meta({ description: "To what, and what to do about it" }),
  link: z.string().nullable().meta({ description: "A path of TenantPilot's pages" }),
};

export const incidentView = z
  .strictObject({
    id,
    kind: z.enum(alertKinds),
    severity,
    ...what,
    cause: z.string().meta({ description: "Tells it from others; at most one of a cause is open" }),
    schedule_id: id.nullable(),
    policy_types: z.array(policyType),
    count: z.int().min(1).meta({ description: "How often it was found since it opened" }),
    opened_at: instant,
    last_seen_at: instant,
    acknowledged_at: instant.nullable(),
    acknowledged_by: z.string().nullable().meta({ description: "Who looks after it" }),
    snoozed_until: instant.nullable().meta({ description: "Nothing but its end is told until then" }),
    closed_at: instant.nullable().meta({ description: "Null while it lasts" }),
  })
  .meta({ id: "Incident" });

export const targetView = z
  .strictObject({
    id,
    kind: z.enum(targetKinds),
    name: z.string(),
    hint: z.string().meta({ description: "What may be shown of where it goes" }),
    recipients: z.array(z.string()),
    to_owners: z.boolean(),
    is_enabled: z.boolean(),
    disabled_reason: z.string().nullable().meta({ description: "Why TenantPilot disabled it" }),
    failing_since: instant.nullable(),
    last_delivered_at: instant.nullable(),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: "AlertTarget" });

export const newTargetView = targetView
  .extend({
    signing_secret: z
      .string()
      .nullable()
      .meta({ description: "Of a webhook: what its messages are signed with. It is shown once" }),
  })
  .meta({ id: "NewAlertTarget" });

export const rotatedSecretView = z.strictObject({
  signing_secret: z.string(),
  previous_until: instant.nullable(),
});

export const outcomeView = z
  .strictObject({
    ok: z.boolean(),
    status: z.int().nullable().meta({ description: "The HTTP status, where there was one" }),
    answer: z.string().meta({ description: "What the receiver said, or what went wrong on the way" }),
    duration_ms: z.int().meta({ description: "Milliseconds" }),
  })
  .meta({ id: "AlertTargetTest" });

export const ruleView = z
  .strictObject({
    id,
    target_id: id,
    is_enabled: z.boolean(),
    kinds: z.array(z.enum(alertKinds)),
    least_severity: severity,
    schedule_ids: z.array(id),
    policy_types: z.array(policyType),
    tells_recovery: z.boolean(),
    timezone: z.string().meta({ description: "IANA name: whose clock the times are on" }),
    quiet_from: z.string().nullable(),
    quiet_until: z.string().nullable(),
    repeat_hours: z.int().nullable(),
    digest: z.enum(["daily", "weekly"]).nullable(),
    created_at: instant,
  })
  .meta({ id: "AlertRule" });
