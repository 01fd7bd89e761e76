"use server";

import { redirect } from "next/navigation";
import { AppError } from "#lib/errors";
import { actionBegins } from "#lib/http/server-action";
import { log } from "#lib/log";
import { pathInside } from "../path-inside.ts";
import { enterCodeHere, keepIntent, signInHere, signOutHere } from "../session.ts";

/**
 * Signs in and goes where the person wanted to go, or to the page that asks for their code.
 * @returns what was wrong, for the form to say
 */
export async function signInAction(_previous: string | null, form: FormData): Promise<string> {
  // What is no form fails here, before it begins: that is the sender's mistake.
  let next = pathInside(String(form.get("next") ?? ""));
  const email = String(form.get("email") ?? "");
  const password = String(form.get("password") ?? "");
  actionBegins();
  try {
    const outcome = await signInHere({ email, password });
    if (outcome === "refused") return "Email or password is wrong.";
    if (outcome === "code") next = `/sign-in/code?next=${encodeURIComponent(next)}`;
  } catch (error) {
    return problemOf(error);
  }
  redirect(next);
}

/** Signs in with the code, and goes where the person wanted to go. @returns what was wrong, for the form to say */
export async function enterCodeAction(_previous: string | null, form: FormData): Promise<string> {
  // As above.
  const next = pathInside(String(form.get("next") ?? ""));
  const code = String(form.get("code") ?? "");
  actionBegins();
  try {
    if (!(await enterCodeHere(code))) return "The code is wrong, or was used already.";
  } catch (error) {
    return problemOf(error);
  }
  redirect(next);
}

function problemOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  log.error({ err: error }, "sign-in failed");
  return "Signing in is not possible right now. Try again in a moment.";
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
