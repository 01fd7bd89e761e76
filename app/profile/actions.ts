"use server";

import { changePassword } from "#lib/access/change-password";
import { confirmLink, unlinkIdentity } from "#lib/access/external-identities";
import { endMyOtherSessions, endMySession } from "#lib/access/my-sessions";
import type { PasswordChange } from "#lib/access/password-rules";
import { savePreferences } from "#lib/access/preferences";
import type { PreferencesChange } from "#lib/access/preferences-schema";
import {
  beginSecondFactor,
  confirmSecondFactor,
  makeRecoveryCodes,
  removeSecondFactor,
} from "#lib/access/second-factor";
import { AppError } from "#lib/errors";
import { act } from "../action.ts";
import { keepIntent, keepSession } from "../session.ts";

/** The new password ends all sessions; the browser that changed it gets a new one and stays signed in. */
export async function changePasswordAction(input: PasswordChange) {
  return act(
    async (actor) => {
      await keepSession(await changePassword(actor, input));
    },
    { duty: "choose_password" },
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

/** Before the browser goes to Microsoft: this session gets the link, for fifteen minutes. */
export async function beginLinkAction(input: { password: string }) {
  return act(async (actor) => {
    const { session_version } = await confirmLink(actor, input);
    if (actor.kind !== "user" || !actor.session)
      throw new AppError("UNAUTHENTICATED", "Your session has ended. Sign in again.");
    await keepIntent({ for: "link", session_id: actor.session.id, session_version });
  });
}

export async function unlinkAction(input: { password: string }) {
  return act((actor) => unlinkIdentity(actor, input));
}

export async function beginSecondFactorAction(input: { password: string }) {
  return act((actor) => beginSecondFactor(actor, input), { duty: "set_up_second_factor" });
}

export async function confirmSecondFactorAction(input: { code: string }) {
  return act((actor) => confirmSecondFactor(actor, input), { duty: "set_up_second_factor" });
}

export async function makeRecoveryCodesAction(input: { password: string; code: string }) {
  return act((actor) => makeRecoveryCodes(actor, input));
}

export async function removeSecondFactorAction(input: { password: string; code: string }) {
  return act((actor) => removeSecondFactor(actor, input));
}
