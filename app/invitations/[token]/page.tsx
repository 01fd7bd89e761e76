import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { MicrosoftButton } from "#components/microsoft/microsoft-button";
import { microsoftProblem } from "#components/microsoft/outcome.ts";
import { Link } from "#components/navigation/link";
import { AcceptAsMyself, AcceptAsNewPerson } from "#components/sign-in/accept-invitation";
import { AbsoluteTime } from "#components/time/instant";
import { entraSettings } from "#lib/access/entra";
import { env } from "#lib/env";
import { openInvitation } from "#lib/members/accept-invitation";
import { param, type SearchParams } from "../../page-data.ts";
import { sessionUser } from "../../session.ts";
import { signOutAction } from "../../sign-in/actions.ts";
import { Card } from "../../sign-in/card.tsx";
import classes from "../../sign-in/sign-in.module.css";
import {
  acceptAsNewPersonAction,
  acceptInvitationAction,
  beginAcceptWithMicrosoftAction,
} from "./actions.ts";

export const metadata: Metadata = { title: "Invitation", referrer: "no-referrer" };

/**
 * Whether the address has an account is not said here: who opens the link may be the one who made it. By trying to make an account
 * they learn it all the same, since one that is there is not taken over.
 */
export default async function InvitationPage({
  params,
  searchParams,
}: {
  params: Promise<{ token: string }>;
  searchParams: SearchParams;
}) {
  const { token } = await params;
  const [invitation, user] = await Promise.all([openInvitation(token), sessionUser()]);
  if (!invitation) notFound();
  const { email, role, tenant_id, tenant_name, invited_by, expires_at } = invitation;
  return (
    <Card
      title={`Join ${tenant_name}`}
      text={
        <>
          {invited_by ? `${invited_by} invites` : "You are invited with"} <strong>{email}</strong>
          {invited_by ? " to" : ","} look after the backups of this tenant as <strong>{role}</strong>, until{" "}
          <AbsoluteTime at={expires_at.toISOString()} />.
        </>
      }
    >
      {user === null ? (
        <>
          {entraSettings() ? (
            <MicrosoftButton
              label="Accept with Microsoft"
              begin={beginAcceptWithMicrosoftAction.bind(null, token)}
              next={`/tenants/${tenant_id}`}
              problem={microsoftProblem(param(await searchParams, "microsoft"))}
            />
          ) : null}
          {env().LOCAL_PASSWORDS === "on" ? (
            <div className={entraSettings() ? classes.other : undefined}>
              <AcceptAsNewPerson email={email} accept={acceptAsNewPersonAction.bind(null, token)} />
            </div>
          ) : null}
          <p className={classes.below}>
            You have an account for this address?{" "}
            <Link href={`/sign-in?next=${encodeURIComponent(`/invitations/${token}`)}`}>
              Sign in to accept
            </Link>
          </p>
        </>
      ) : user.email === email ? (
        <AcceptAsMyself accept={acceptInvitationAction.bind(null, token)} />
      ) : (
        <form action={signOutAction}>
          <p className={classes.text}>
            You are signed in as {user.email}. Sign out, and open the link again.
          </p>
          <button type="submit" className={classes.plainButton}>
            Sign out
          </button>
        </form>
      )}
    </Card>
  );
}
