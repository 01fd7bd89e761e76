import { z } from "zod";
import { idSchema } from "#lib/ids";
import { timezoneField } from "#lib/recurrence/timezone-field";
import { nameSearch, policyType } from "#lib/view-fields";

const documentFormats = ["html", "markdown", "csv"] as const;

/** What a documentation is asked for with, beside the set. */
const documentFields = {
  format: z.enum(documentFormats).default("html").meta({ description: "Of the file" }),
  since_set_id: idSchema
    .optional()
    .meta({ description: "Tells what changed since this set, of any schedule" }),
  timezone: timezoneField.default("UTC").meta({ description: "IANA time zone in which times are written" }),
  policy_type: policyType.optional().meta({ description: "Only policies of this type" }),
  search: nameSearch.optional(),
};

export const documentSchema = z.strictObject({ set_id: idSchema, ...documentFields });

/** The same in a query. */
export const documentQuery = z.strictObject({
  ...documentFields,
  format: z.enum(documentFormats).optional().meta({ description: "Of the file; html unless told" }),
  since_set_id: z.coerce.number().pipe(idSchema).optional().meta({
    description: "Tells what changed since this set, of any schedule",
  }),
  timezone: timezoneField
    .optional()
    .meta({ description: "IANA time zone in which times are written; UTC unless told" }),
});
