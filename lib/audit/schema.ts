import { z } from "zod";
import { instantSchema } from "#lib/instants";
import { auditGroups } from "./actions.ts";
import type { auditEntryView } from "./views.ts";

/** One entry of the audit log. */
export type AuditEntryView = z.infer<typeof auditEntryView>;

/** Filters of the audit log. `from` is the first instant, `to` the first one after. */
export const auditFilterSchema = {
  action: z
    .string()
    .max(100, "must be at most 100 characters")
    .optional()
    .meta({
      description: `One action (run.failed) or a group of them (${Object.keys(auditGroups).join(", ")})`,
    }),
  actor: z
    .string()
    .regex(
      /^(user|token)(:[1-9][0-9]{0,8})?$|^system$/,
      "must be user, token or system, or one of them as user:7",
    )
    .optional()
    .meta({ description: "Who did it: user, token or system, or one of them as user:7 or token:3" }),
  from: instantSchema.optional().meta({ description: "Then or later; ISO 8601 with its offset from UTC" }),
  to: instantSchema.optional().meta({ description: "Before then; ISO 8601 with its offset from UTC" }),
  search: z.string().trim().max(200, "must be at most 200 characters").optional().meta({
    description: "What it was done to: a part of its name, or its kind and id (run 17, or 17 alone)",
  }),
};

const filterSchema = z.strictObject(auditFilterSchema);
export type AuditFilter = z.output<typeof filterSchema>;
