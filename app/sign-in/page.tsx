import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { Link } from "#components/navigation/link";
import { SignInForm } from "#components/sign-in/sign-in-form";
import { Logo } from "#components/ui/logo";
import { isEmpty } from "#lib/platform/setup";
import { param, type SearchParams } from "../page-data.ts";
import { sessionUser } from "../session.ts";
import { signInAction } from "./actions.ts";
import classes from "./sign-in.module.css";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: { searchParams: SearchParams }) {
  if (await sessionUser()) redirect("/tenants");
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
        <SignInForm action={signInAction} next={param(await searchParams, "next") ?? ""} />
      </div>
    </main>
  );
}
