import { z } from "zod";
import { AppError } from "#lib/errors";

/** `limit` and `cursor` of every list: 50 rows unless told, 200 at most. */
export const pageFields = {
  limit: z.coerce
    .number("must be a whole number from 1 to 200")
    .int("must be a whole number from 1 to 200")
    .min(1, "must be at least 1")
    .max(200, "must be at most 200")
    .default(50),
  cursor: z.string().max(100).optional(),
};

/** One page of a list. `next_cursor` is null on the last page. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/**
 * Decodes a cursor to the id it stands behind. Cursors are opaque to callers and survive inserts: a page
 * begins after the last row that was seen, not at an offset.
 * @throws AppError VALIDATION_FAILED for a cursor that this service did not give.
 */
export function decodeCursor(cursor: string | undefined): bigint | null {
  if (cursor === undefined) return null;
  const digits = /^c([0-9]{1,18})$/.exec(cursor)?.[1];
  if (!digits) {
    throw new AppError(
      "VALIDATION_FAILED",
      "cursor: is not a cursor of this list; use the Link header's next page",
      {
        errors: [
          { path: "cursor", message: "is not a cursor of this list; use the Link header's next page" },
        ],
      },
    );
  }
  return BigInt(digits);
}

/**
 * Cuts a page out of `limit + 1` rows, and says where the next begins.
 * @param rows at most `limit + 1` rows, in the list's order
 */
export function toPage<R extends { id: number | bigint }, T>(
  rows: readonly R[],
  limit: number,
  present: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(present), next_cursor: rows.length > limit && last ? `c${last.id}` : null };
}
