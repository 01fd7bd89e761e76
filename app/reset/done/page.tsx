import type { Metadata } from "next";
import { Link } from "#components/navigation/link";
import { Card } from "../../sign-in/card.tsx";
import classes from "../../sign-in/sign-in.module.css";

export const metadata: Metadata = { title: "Password changed" };

export default function ResetDonePage() {
  return (
    <Card title="Your password is changed">
      <p className={classes.text}>
        You are signed out everywhere. <Link href="/sign-in">Sign in with the new password</Link>
      </p>
    </Card>
  );
}
