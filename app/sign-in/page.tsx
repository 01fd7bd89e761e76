import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { MicrosoftButton } from "#components/microsoft/microsoft-button";
import { microsoftProblem } from "#components/microsoft/outcome.ts";
import { Link } from "#components/navigation/link";
import { SignInForm } from "#components/sign-in/sign-in-form";
import { Logo } from "#components/ui/logo";
import { entraSettings } from "#lib/access/entra";
import { env } from "#lib/env";
import { isEmpty } from "#lib/platform/setup";
import { param, type SearchParams } from "../page-data.ts";
import { pathInside } from "../path-inside.ts";
import { sessionUser } from "../session.ts";
import { beginMicrosoftAction, signInAction } from "./actions.ts";
import classes from "./sign-in.module.css";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: { searchParams: SearchParams }) {
  if (await sessionUser()) redirect("/");
  const params = await searchParams;
  const next = param(params, "next") ?? "";
  const { LOCAL_PASSWORDS, BREAK_GLASS_EMAILS } = env();
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <div className={classes.head}>
          <Logo />
          <h1 className={classes.title}>Sign in</h1>
          <p className={classes.text}>Backups of your Microsoft 365 policies, proven complete.</p>
        </div>
        {(await isEmpty()) ? (
          <p className={classes.text}>
            Nobody has an account yet. <Link href="/setup">Make the first one</Link>
          </p>
        ) : null}
        {entraSettings() ? (
          <MicrosoftButton
            label="Sign in with Microsoft"
            begin={beginMicrosoftAction}
            next={pathInside(next)}
            // `error` is next-auth's: the answer of Microsoft was not what it asked for.
            problem={microsoftProblem(param(params, "microsoft") ?? param(params, "error"))}
          />
        ) : null}
        {LOCAL_PASSWORDS === "on" || BREAK_GLASS_EMAILS.length > 0 ? (
          <div className={entraSettings() ? classes.other : undefined}>
            <SignInForm action={signInAction} next={next} />
          </div>
        ) : null}
      </div>
    </main>
  );
}
