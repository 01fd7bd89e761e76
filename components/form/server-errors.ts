import type { FieldPath, FieldValues, UseFormSetError } from "react-hook-form";
import type { Problem } from "#lib/errors";

/**
 * Shows a problem's errors at their fields.
 * @param prefix what the operation's input has before the form's own paths, such as `changes`
 * @returns the errors that belong to no field of the form
 */
export function showServerErrors<T extends FieldValues>(
  problem: Problem,
  fields: readonly string[],
  setError: UseFormSetError<T>,
  prefix = "",
): string[] {
  const homeless: string[] = [];
  let focused = false;
  for (const { path, message } of problem.errors ?? []) {
    const own = prefix && path.startsWith(`${prefix}.`) ? path.slice(prefix.length + 1) : path;
    // A fault inside a list (`policy_types.3`) is shown at the list.
    const field = own.split(".")[0] ?? "";
    if (fields.includes(field)) {
      setError(field as FieldPath<T>, { type: "server", message }, { shouldFocus: !focused });
      focused = true;
    } else {
      homeless.push(own ? `${own} ${message}` : message);
    }
  }
  return homeless;
}

/** A zod message as a sentence: "must not be empty" becomes "Must not be empty". */
export function sentence(message: string | undefined): string | undefined {
  return message ? message.charAt(0).toUpperCase() + message.slice(1) : undefined;
}

/** A problem's errors as sentences, by the path of their field. */
export function errorsByField({ errors = [] }: Problem): Record<string, string> {
  return Object.fromEntries(errors.map(({ path, message }) => [path, sentence(message) ?? message]));
}
