"use server";

import { redirect } from "next/navigation";
import type { FormProblem } from "#components/sign-in/form-problem.ts";
import { actionBegins } from "#lib/http/server-action";
import { resetPassword } from "#lib/platform/reset-password";
import { formProblem } from "../../sign-in/form-problem.ts";

/** Gives the person of a link their new password. @returns what was wrong, for the form to say */
export async function resetPasswordAction(
  token: string,
  _previous: FormProblem | null,
  form: FormData,
): Promise<FormProblem> {
  const password = String(form.get("password") ?? "");
  actionBegins();
  try {
    await resetPassword(token, password);
  } catch (error) {
    return formProblem(error, "resetting a password");
  }
  redirect("/reset/done");
}
