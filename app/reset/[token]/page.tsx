import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { NewPasswordForm } from "#components/sign-in/new-password-form";
import { AbsoluteTime } from "#components/time/instant";
import { openReset } from "#lib/platform/reset-password";
import { Card } from "../../sign-in/card.tsx";
import { resetPasswordAction } from "./actions.ts";

export const metadata: Metadata = { title: "New password", referrer: "no-referrer" };

export default async function ResetPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const reset = await openReset(token);
  if (!reset) notFound();
  return (
    <Card
      title="Choose a new password"
      text={
        <>
          This link works once, until <AbsoluteTime at={reset.expires_at.toISOString()} />. All sessions of
          this account end with it.
        </>
      }
    >
      <NewPasswordForm email={reset.email} save={resetPasswordAction.bind(null, token)} />
    </Card>
  );
}
