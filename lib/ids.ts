import { z } from "zod";
import { bulkMost } from "#lib/limits";

const message = "must be a positive whole number";

/** An id in an operation's input: a positive 32-bit integer. */
export const idSchema = z.int(message).min(1, message).max(2_147_483_647, message);

/** An id of a large table (items, audit entries, notifications): a positive safe integer. */
export const bigIdSchema = z.int(message).min(1, message);

/** The schedules or notifications of a bulk action: 1 to `bulkMost` ids, each once. */
export const idListSchema = z
  .array(idSchema)
  .min(1, "must name at least one")
  .max(bulkMost, `must name at most ${bulkMost} at once`)
  .transform((ids) => [...new Set(ids)])
  .meta({ description: `Ids, at most ${bulkMost}` });
