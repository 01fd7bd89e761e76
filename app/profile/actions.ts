"use server";

import { changePassword } from "#lib/access/change-password";
import { endMyOtherSessions, endMySession } from "#lib/access/my-sessions";
import type { PasswordChange } from "#lib/access/password-rules";
import { savePreferences } from "#lib/access/preferences";
import type { PreferencesChange } from "#lib/access/preferences-schema";
import { act } from "../action.ts";
import { keepSession } from "../session.ts";

/** The new password ends all sessions; the browser that changed it gets a new one and stays signed in. */
export async function changePasswordAction(input: PasswordChange) {
  return act(
    async (actor) => {
      await keepSession(await changePassword(actor, input));
    },
    { evenWithInitialPassword: true },
  );
}

export async function endSessionAction(input: { session_id: number }) {
  return act((actor) => endMySession(actor, input));
}

export async function endOtherSessionsAction() {
  return act((actor) => endMyOtherSessions(actor, {}));
}

export async function savePreferencesAction(change: PreferencesChange) {
  return act((actor) => savePreferences(actor, change));
}
