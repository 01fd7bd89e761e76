import { z } from "zod";

const message = "must be a positive whole number";

/** An id in an operation's input: a positive 32-bit integer. */
export const idSchema = z.int(message).min(1, message).max(2_147_483_647, message);

/** An id of a large table (items, audit entries, notifications): a positive safe integer. */
export const bigIdSchema = z.int(message).min(1, message);

/** The schedules or notifications of a bulk action: 1 to 500 ids, each once. */
export const idListSchema = z
  .array(idSchema)
  .min(1, "must name at least one")
  .max(500, "must name at most 500 at once")
  .transform((ids) => [...new Set(ids)]);
