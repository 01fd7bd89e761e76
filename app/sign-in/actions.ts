"use server";

import { redirect } from "next/navigation";
import { AppError } from "#lib/errors";
import { actionBegins } from "#lib/http/server-action";
import { log } from "#lib/log";
import { pathInside } from "../path-inside.ts";
import { keepIntent, signInHere, signOutHere } from "../session.ts";

/** Signs in and goes where the person wanted to go. @returns what was wrong, for the form to say */
export async function signInAction(_previous: string | null, form: FormData): Promise<string> {
  try {
    const email = String(form.get("email") ?? "");
    const password = String(form.get("password") ?? "");
    actionBegins();
    if (!(await signInHere({ email, password }))) return "Email or password is wrong.";
  } catch (error) {
    if (error instanceof AppError) return error.message;
    log.error({ err: error }, "sign-in failed");
    return "Signing in is not possible right now. Try again in a moment.";
  }
  redirect(pathInside(String(form.get("next") ?? "")));
}

/** Before the browser goes to Microsoft. */
export async function beginMicrosoftAction(): Promise<void> {
  actionBegins();
  await keepIntent({ for: "sign_in" });
}

export async function signOutAction(): Promise<void> {
  actionBegins();
  await signOutHere();
  redirect("/sign-in");
}
