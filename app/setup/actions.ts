"use server";

import { redirect } from "next/navigation";
import type { FormProblem } from "#components/sign-in/form-problem.ts";
import type { SetupTyped } from "#components/sign-in/setup-form";
import { actionBegins } from "#lib/http/server-action";
import { setUp } from "#lib/platform/setup";
import { keepSession } from "../session.ts";
import { formProblem } from "../sign-in/form-problem.ts";

/** Makes the first account and tenant, and signs in. @returns what was wrong, for the form to say */
export async function setUpAction(
  _previous: (FormProblem & { typed: SetupTyped }) | null,
  form: FormData,
): Promise<FormProblem & { typed: SetupTyped }> {
  const text = (name: string) => String(form.get(name) ?? "");
  const typed = { code: text("code"), tenant: text("tenant"), name: text("name"), email: text("email") };
  actionBegins();
  let tenantId: number;
  try {
    const person = await setUp({ ...typed, password: text("password") });
    await keepSession(person);
    tenantId = person.tenant_id;
  } catch (error) {
    return { ...formProblem(error, "setting up"), typed };
  }
  redirect(`/tenants/${tenantId}`);
}
