import { sentence } from "#components/form/server-errors.ts";
import type { FormProblem } from "#components/sign-in/form-problem.ts";
import { AppError, toProblem } from "#lib/errors";
import { log } from "#lib/log";

/** What a form for people who are not signed in says of an error. @param doing for the log, where it is no answer of ours */
export function formProblem(error: unknown, doing: string): FormProblem {
  if (!(error instanceof AppError)) log.error({ err: error }, `${doing} failed`);
  const { errors, detail } = toProblem(error);
  return errors
    ? {
        problem: null,
        errors: Object.fromEntries(errors.map(({ path, message }) => [path, sentence(message) ?? message])),
      }
    : { problem: detail, errors: {} };
}
