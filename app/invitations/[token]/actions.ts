"use server";

import { redirect } from "next/navigation";
import { sentence } from "#components/form/server-errors.ts";
import type { NewPersonProblem } from "#components/sign-in/accept-invitation";
import { firstDutyRefusal } from "#lib/access/sign-in-rules";
import { AppError, toProblem } from "#lib/errors";
import { actionBegins } from "#lib/http/server-action";
import { log } from "#lib/log";
import { acceptAsNewPerson, acceptInvitation } from "#lib/members/accept-invitation";
import { keepIntent, keepSession, sessionUser } from "../../session.ts";

/** Accepts as the person who is signed in, and goes to the tenant. @returns what was wrong */
export async function acceptInvitationAction(token: string): Promise<string> {
  actionBegins();
  let tenantId: number;
  try {
    const user = await sessionUser();
    if (!user) return "Your session has ended. Load this page again.";
    if (user.first_duty) throw await firstDutyRefusal(user.first_duty, user.id);
    tenantId = (await acceptInvitation(user.id, token)).tenant_id;
  } catch (error) {
    return problemOf(error).detail;
  }
  redirect(`/tenants/${tenantId}`);
}

/** Makes an account, signs its person in, and goes to the tenant. @returns what was wrong, for the form to say */
export async function acceptAsNewPersonAction(
  token: string,
  _previous: NewPersonProblem | null,
  form: FormData,
): Promise<NewPersonProblem> {
  const name = String(form.get("name") ?? "");
  actionBegins();
  let tenantId: number;
  try {
    const person = await acceptAsNewPerson(token, { name, password: String(form.get("password") ?? "") });
    await keepSession(person);
    tenantId = person.tenant_id;
  } catch (error) {
    const { errors, detail } = problemOf(error);
    const own = errors?.map(({ path, message }) => [path, sentence(message)] as const);
    return { problem: own ? null : detail, errors: Object.fromEntries(own ?? []), name };
  }
  redirect(`/tenants/${tenantId}`);
}

/** Before the browser goes to Microsoft: whoever comes back accepts. */
export async function beginAcceptWithMicrosoftAction(token: string): Promise<void> {
  // What is no token fails here, before it begins: that is the sender's mistake.
  await keepIntent({ for: "invitation", token });
  actionBegins();
}

function problemOf(error: unknown) {
  if (!(error instanceof AppError)) log.error({ err: error }, "accepting an invitation failed");
  return toProblem(error);
}
