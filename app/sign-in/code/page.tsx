import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { Link } from "#components/navigation/link";
import { CodeForm } from "#components/sign-in/code-form";
import { param, type SearchParams } from "../../page-data.ts";
import { pathInside } from "../../path-inside.ts";
import { pendingIn } from "../../pending-cookie.ts";
import { sessionUser } from "../../session.ts";
import { enterCodeAction } from "../actions.ts";
import { Card } from "../card.tsx";
import classes from "../sign-in.module.css";

export const metadata: Metadata = { title: "Two-step sign-in" };

/** Whose password was right enters their code here. Whether it still waits for one, the action says. */
export default async function CodePage({ searchParams }: { searchParams: SearchParams }) {
  if (await sessionUser()) redirect("/");
  const params = await searchParams;
  const next = pathInside(param(params, "next") ?? "");
  if (!pendingIn(await headers())) redirect(`/sign-in?next=${encodeURIComponent(next)}`);
  const kind = param(params, "with") === "recovery" ? "recovery" : "app";
  const other = kind === "app" ? "recovery" : "app";
  return (
    <Card title="Two-step sign-in" text="Your password is right. One more step.">
      <CodeForm key={kind} action={enterCodeAction} kind={kind} next={next} />
      <p className={`${classes.text} ${classes.below}`}>
        <Link href={`/sign-in/code?with=${other}&next=${encodeURIComponent(next)}`}>
          {kind === "app" ? "Use a recovery code" : "Use the authenticator app"}
        </Link>
        {" · "}
        <Link href={`/sign-in?next=${encodeURIComponent(next)}`}>Enter the password again</Link>
      </p>
    </Card>
  );
}
