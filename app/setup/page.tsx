import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { connection } from "next/server";
import { SetupForm } from "#components/sign-in/setup-form";
import { isEmpty } from "#lib/platform/setup";
import { Card } from "../sign-in/card.tsx";
import { setUpAction } from "./actions.ts";

export const metadata: Metadata = { title: "Set up", referrer: "no-referrer" };

/** The first account; gone for good when there is one. */
export default async function SetupPage() {
  await connection();
  if (!(await isEmpty())) notFound();
  return (
    <Card
      title="Set up TenantPilot"
      text="The web server wrote a code to its log when it started. Whoever has it makes the first account, and owns the first tenant."
    >
      <SetupForm save={setUpAction} />
    </Card>
  );
}
