import { AppError } from "#lib/errors";

/**
 * Computes when a schedule is due.
 * @param name the schedule's, for the message
 * @throws AppError VALIDATION_FAILED when this runtime does not know the schedule's time zone (any more). The other
 *   fields of a stored rule are always computable.
 */
export function computable<T>(name: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = "is not a known IANA time zone; use a name such as Europe/Berlin or UTC";
    throw new AppError("VALIDATION_FAILED", `The time zone of "${name}" ${message}.`, {
      errors: [{ path: "timezone", message }],
      cause: error,
    });
  }
}
