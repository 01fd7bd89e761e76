import { AppError } from "#lib/errors";

/**
 * A body as part of an operation's input, beside ids of the path. What is no object is left as it is, for the
 * operation to refuse.
 * @throws AppError VALIDATION_FAILED when the body names a field that the path decides
 */
export function withIds<Body extends object, Ids extends object>(body: Body, ids: Ids): Body & Ids {
  if (!isObject(body)) return body as Body & Ids;
  const errors = Object.keys(ids)
    .filter((path) => Object.hasOwn(body, path))
    .map((path) => ({ path, message: "is not a field of this request; remove it" }));
  if (errors.length === 0) return { ...body, ...ids };
  throw new AppError("VALIDATION_FAILED", errors.map((e) => `${e.path}: ${e.message}`).join("; "), {
    errors,
  });
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
