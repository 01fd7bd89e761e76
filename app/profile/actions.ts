"use server";

import { changePassword } from "#lib/access/change-password";
import type { PasswordChange } from "#lib/access/password-rules";
import { savePreferences } from "#lib/access/preferences";
import type { PreferencesChange } from "#lib/access/preferences-schema";
import { AppError } from "#lib/errors";
import { act } from "../action.ts";
import { keepSession, requestClient, sessionUser } from "../session.ts";

/** The new password ends all sessions; the browser that changed it gets a new one and stays signed in. */
export async function changePasswordAction(input: PasswordChange) {
  return act(
    async () => {
      await keepSession(await changePassword(await ownId(), input, await requestClient()));
    },
    { evenWithInitialPassword: true },
  );
}

export async function savePreferencesAction(change: PreferencesChange) {
  return act((actor) => savePreferences(actor, change));
}

async function ownId(): Promise<number> {
  const user = await sessionUser();
  if (!user) throw new AppError("UNAUTHENTICATED", "Your session has ended. Sign in again.");
  return user.id;
}
