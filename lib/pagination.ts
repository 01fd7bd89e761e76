import { z } from "zod";
import { type AppError, fieldError } from "#lib/errors";
import { pageSizes } from "#lib/limits";

const { usual, most } = pageSizes;
const wanted = `must be a whole number from 1 to ${most}`;

/** `limit` and `cursor` of every list. */
export const pageFields = {
  limit: z.coerce
    .number(wanted)
    .int(wanted)
    .min(1, "must be at least 1")
    .max(most, `must be at most ${most}`)
    .default(usual)
    .meta({ description: "Entries of a page" }),
  cursor: z.string().max(100).optional().meta({
    description: "Where the page begins: from the `Link` header, or the `next_cursor`, of the page before",
  }),
};

/** One page of a list. `next_cursor` is null on the last page. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/**
 * Decodes a cursor. Cursors are opaque to callers. In a list that changes it is the id of the last row that was seen: the
 * next page begins after that row's place in the list's order, so inserts and removals neither repeat nor lose a row. In
 * a comparison, whose sets never change, it is a count of rows.
 * @throws AppError VALIDATION_FAILED for a cursor that this service did not give.
 */
export function decodeCursor(cursor: string | undefined): bigint | null {
  if (cursor === undefined) return null;
  const digits = /^c([0-9]{1,18})$/.exec(cursor)?.[1];
  if (!digits) throw cursorRefused();
  return BigInt(digits);
}

/** The same for a list whose ids are 32-bit integers. @throws AppError VALIDATION_FAILED also for what is none. */
export function decodeIdCursor(cursor: string | undefined): number | null {
  const id = decodeCursor(cursor);
  if (id === null) return null;
  if (id > 2_147_483_647n) throw cursorRefused();
  return Number(id);
}

/** The answer to a cursor that this list did not give, or whose row is not there any more. */
export function cursorRefused(): AppError {
  return fieldError("cursor", "is not a cursor of this list; use the Link header's next page");
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
