import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { microsoftProblem } from "#components/microsoft/outcome.ts";
import { AccountPanel } from "#components/profile/account-panel";
import { DisplayPanel } from "#components/profile/display-panel";
import { InitialPassword } from "#components/profile/initial-password";
import { MicrosoftPanel } from "#components/profile/microsoft-panel";
import { NotificationChoices } from "#components/profile/notification-choices";
import { PasswordPanel } from "#components/profile/password-panel";
import classes from "#components/profile/profile.module.css";
import { SecondFactorFirst } from "#components/profile/second-factor/second-factor-first";
import {
  SecondFactorElsewhere,
  SecondFactorPanel,
} from "#components/profile/second-factor/second-factor-panel";
import { SessionsPanel } from "#components/profile/sessions-panel";
import { ShortcutsPanel } from "#components/profile/shortcuts-panel";
import { AppFrame } from "#components/shell/app-frame";
import { Overlays } from "#components/shell/overlays";
import { PageHeader } from "#components/ui/page-header";
import { actorOf } from "#lib/access/current-user";
import { entraSettings } from "#lib/access/entra";
import { hasLinkedIdentity } from "#lib/access/external-identities";
import { listMySessions } from "#lib/access/my-sessions";
import { getMySecondFactor } from "#lib/access/second-factor";
import { listMyTenantNames } from "#lib/overview/my-tenants";
import { param, type SearchParams } from "../page-data.ts";
import { pathInside } from "../path-inside.ts";
import { sessionUser } from "../session.ts";
import { signOutAction } from "../sign-in/actions.ts";
import {
  beginLinkAction,
  beginSecondFactorAction,
  changePasswordAction,
  confirmSecondFactorAction,
  endOtherSessionsAction,
  endSessionAction,
  makeRecoveryCodesAction,
  removeSecondFactorAction,
  savePreferencesAction,
  unlinkAction,
} from "./actions.ts";

const setUpActions = { begin: beginSecondFactorAction, confirm: confirmSecondFactorAction };

export const metadata: Metadata = { title: "Your profile" };

export default async function ProfilePage({ searchParams }: { searchParams: SearchParams }) {
  // Not requireUser: it sends here those who have to choose a password first.
  const user = await sessionUser();
  if (!user) redirect("/sign-in?next=%2Fprofile");
  const person = { name: user.name, email: user.email };
  if (user.first_duty) {
    const next = pathInside(param(await searchParams, "next") ?? "");
    return user.first_duty === "choose_password" ? (
      <InitialPassword person={person} change={changePasswordAction} next={next} signOut={signOutAction} />
    ) : (
      <>
        <SecondFactorFirst person={person} actions={setUpActions} next={next} signOut={signOutAction} />
        <Overlays />
      </>
    );
  }
  const [tenants, sessions, isLinked, secondFactor] = await Promise.all([
    listMyTenantNames(actorOf(user), {}),
    listMySessions(actorOf(user), {}),
    hasLinkedIdentity(actorOf(user), {}),
    getMySecondFactor(actorOf(user), {}),
  ]);
  const { time_zone, hour_clock, shortcuts_enabled, muted_notifications } = user.preferences;
  return (
    <AppFrame
      user={{ ...person, is_platform_admin: user.is_platform_admin }}
      signOut={signOutAction}
      tenants={tenants}
    >
      <div className={classes.page}>
        <PageHeader title="Your profile" back={{ href: "/tenants", label: "Tenants" }} />
        <AccountPanel person={person} tenants={tenants} />
        {user.uses_password ? <PasswordPanel person={person} change={changePasswordAction} /> : null}
        {user.uses_password ? (
          <SecondFactorPanel
            state={secondFactor}
            actions={{
              ...setUpActions,
              makeRecoveryCodes: makeRecoveryCodesAction,
              remove: removeSecondFactorAction,
            }}
          />
        ) : (
          <SecondFactorElsewhere />
        )}
        {entraSettings() ? (
          <MicrosoftPanel
            isLinked={isLinked}
            usesPassword={user.uses_password}
            problem={microsoftProblem(param(await searchParams, "microsoft"))}
            actions={{ beginLink: beginLinkAction, unlink: unlinkAction }}
          />
        ) : null}
        <SessionsPanel
          sessions={sessions}
          actions={{ end: endSessionAction, endOthers: endOtherSessionsAction }}
        />
        <DisplayPanel timeZone={time_zone} hourClock={hour_clock} save={savePreferencesAction} />
        <NotificationChoices muted={muted_notifications} save={savePreferencesAction} />
        <ShortcutsPanel
          enabled={shortcuts_enabled}
          place={{ tenant: tenants[0] ?? null }}
          save={savePreferencesAction}
        />
      </div>
    </AppFrame>
  );
}
