import { z } from "zod";
import { idSchema } from "#lib/ids";
import { timezoneField } from "#lib/recurrence/timezone-field";
import { policyType } from "#lib/view-fields";
import { alertKinds, severities } from "./kinds.ts";
import { ruleView } from "./views.ts";

const time = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time such as 22:00")
  .nullable();

/** A rule: what is sent to a target, and when. */
export const ruleSchema = z.strictObject({
  target_id: idSchema.meta({ description: "The target that it sends to" }),
  is_enabled: z.boolean().default(true).meta({ description: "Whether it sends anything" }),
  kinds: z.array(z.enum(alertKinds)).default([]).meta({ description: "Kinds of events; none: all" }),
  least_severity: z
    .enum(severities)
    .default("warning")
    .meta({ description: "What is less severe is left out" }),
  schedule_ids: z
    .array(idSchema)
    .max(200, "must be at most 200")
    .default([])
    .meta({ description: "Backup schedules; none: all, and what concerns none" }),
  policy_types: z
    .array(policyType)
    .max(200, "must be at most 200")
    .default([])
    .meta({ description: "Policy types that are concerned; none: all" }),
  tells_recovery: z.boolean().default(true).meta({ description: "The end of what it told is told too" }),
  timezone: timezoneField.default("UTC").meta({ description: "IANA name: whose clock the times are on" }),
  quiet_from: time.default(null).meta({ description: "HH:mm; what comes from then on waits" }),
  quiet_until: time.default(null).meta({ description: "HH:mm; until then" }),
  repeat_hours: z
    .int("must be a whole number of hours")
    .min(1, "must be at least 1")
    .max(720, "must be at most 720")
    .nullable()
    .default(null)
    .meta({ description: "Told again every so many hours while it lasts, until somebody acknowledges it" }),
  digest: z
    .enum(["daily", "weekly"])
    .nullable()
    .default(null)
    .meta({ description: "A digest by mail in place of single alerts: daily, or on Mondays" }),
});

/** A rule of the platform: what is in a tenant it does not know, and digests are of one tenant. */
export const platformRuleSchema = ruleSchema
  .omit({ schedule_ids: true, policy_types: true, digest: true })
  .extend({ target_id: idSchema.meta({ description: "The platform's target that it sends to" }) });

/** Which rule is replaced, and what it was. */
export const replacedRule = {
  rule_id: idSchema,
  as_read: ruleView
    .optional()
    .meta({ description: "The rule as it was read: 409 EDIT_CONFLICT when it is another by now" }),
};
