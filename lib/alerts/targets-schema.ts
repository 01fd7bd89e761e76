import { z } from "zod";
import { idSchema } from "#lib/ids";
import { nameSchema } from "#lib/name-schema";
import { instant } from "#lib/view-fields";

/** The kinds of places that alerts go to, and what people call them. */
export const targetKinds = ["email", "webhook", "teams", "slack", "heartbeat"] as const;

const address = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(2_000, "must be at most 2000 characters")
  .meta({ description: "An address of https. Stored encrypted, and never given out" });

const mailAddress = z
  .string()
  .trim()
  .max(320, "must be at most 320 characters")
  .regex(/^[^\s@<>,;:"\\]+@[^\s@<>,;:"\\]+\.[^\s@<>,;:"\\]+$/, "must be a mail address");

const email = {
  name: nameSchema,
  kind: z.literal("email"),
  recipients: z
    .array(mailAddress)
    .max(20, "must be at most 20")
    .default([])
    .meta({ description: "Mail addresses, at most 20" }),
  to_owners: z
    .boolean()
    .default(false)
    .meta({ description: "Goes to the tenant's owners, as they are when it is sent" }),
};

const authorization = z
  .string()
  .max(2_000, "must be at most 2000 characters")
  .regex(/^[\x21-\x7e][\x20-\x7e]*$/, "must be one line of ASCII characters")
  .nullable()
  .default(null)
  .meta({ description: "Sent as the header Authorization; stored encrypted, and never given out" });

const webhook = z.strictObject({ name: nameSchema, kind: z.literal("webhook"), url: address, authorization });
const teams = z.strictObject({ name: nameSchema, kind: z.literal("teams"), url: address });
const slack = z.strictObject({ name: nameSchema, kind: z.literal("slack"), url: address });

/** A new target: by its kind, what it needs. */
export const targetCreateSchema = z.strictObject({
  target: z.discriminatedUnion("kind", [
    z.strictObject(email),
    webhook,
    teams,
    slack,
    z.strictObject({ name: nameSchema, kind: z.literal("heartbeat"), url: address }),
  ]),
});

/** What may be changed of a target. Without an address, the stored one stays. */
const targetUpdateFields = {
  name: nameSchema.optional(),
  is_enabled: z.boolean().optional().meta({ description: "Whether anything is sent there" }),
  url: address.optional(),
  authorization: authorization
    .unwrap()
    .optional()
    .meta({ description: "Of a webhook: sent as the header Authorization; null for none" }),
  recipients: email.recipients.unwrap().optional().meta({ description: "Of mail: addresses, at most 20" }),
  to_owners: z.boolean().optional().meta({ description: "Of mail: it goes to the tenant's owners too" }),
  updated_at: instant
    .optional()
    .meta({ description: "As it was read: 409 EDIT_CONFLICT when somebody has changed the target since" }),
};

/** A change of a target. */
export const targetUpdateSchema = z.strictObject({ target_id: idSchema, ...targetUpdateFields });

/** For how long the old secret of a webhook signs as well: unless told, and at most, in hours. */
const signingOverlapHours = { usual: 24, most: 168 } as const;

/** A new signing secret of a webhook. */
export const rotateSecretSchema = z.strictObject({
  target_id: idSchema,
  overlap_hours: z
    .int("must be a whole number of hours")
    .min(0, "must be at least 0")
    .max(signingOverlapHours.most, `must be at most ${signingOverlapHours.most}`)
    .default(signingOverlapHours.usual)
    .meta({ description: "Hours for which the old secret signs as well" }),
});

/** A new target of the platform: it has no owners, and no heartbeat, which is of a tenant's backups. */
export const platformTargetCreateSchema = z.strictObject({
  target: z.discriminatedUnion("kind", [
    z.strictObject({ name: nameSchema, kind: z.literal("email"), recipients: email.recipients.unwrap() }),
    webhook,
    teams,
    slack,
  ]),
});

const { to_owners: _, ...platformUpdateFields } = targetUpdateFields;
/** A change of one of the platform's targets. */
export const platformTargetUpdateSchema = z.strictObject({ target_id: idSchema, ...platformUpdateFields });
