import { AppError } from "#lib/errors";

/**
 * The answer of an operation that takes the body as one field of its input; faults are named as the body has them:
 * `name`, not `changes.name`.
 */
export async function withoutPrefix<T>(prefix: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof AppError) || !error.errors) throw error;
    const errors = error.errors.map(({ path, message }) => ({
      path: path === prefix ? "" : path.replace(`${prefix}.`, ""),
      message,
    }));
    const detail = errors
      .map(({ path, message }) => (path ? `${path}: ${message}` : `The body ${message}`))
      .join("; ");
    throw new AppError(error.code, detail, { errors, details: error.details, cause: error });
  }
}
