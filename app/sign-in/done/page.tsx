import type { Metadata } from "next";
import { Link } from "#components/navigation/link";
import { CloseTab } from "#components/sign-in/close-tab";
import { Logo } from "#components/ui/logo";
import classes from "../sign-in.module.css";

export const metadata: Metadata = { title: "Signed in" };

/** Where the tab ends in which somebody signed in again for the sake of another one. */
export default function SignedInPage() {
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <div className={classes.head}>
          <Logo />
          <h1 className={classes.title}>You are signed in</h1>
          <p className={classes.text}>
            Go back to the tab that you came from: what you entered is still there. This one can be closed, or{" "}
            <Link className="tp-link" href="/">
              used to go on
            </Link>
            .
          </p>
        </div>
      </div>
      <CloseTab />
    </main>
  );
}
