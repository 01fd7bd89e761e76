import type { ReactNode } from "react";
import { Link } from "#components/navigation/link";
import { Logo } from "#components/ui/logo";
import { sessionUser } from "../session.ts";
import classes from "./help.module.css";

/** The frame of the help pages: they are for everybody, signed in or not. */
export default async function HelpLayout({ children }: { children: ReactNode }) {
  const user = await sessionUser();
  return (
    <>
      <a href="#main" className="tp-skip">
        Skip to content
      </a>
      <header className={`${classes.header} tp-no-print`}>
        <Link href={user ? "/tenants" : "/sign-in"} className={classes.home} aria-label="TenantPilot">
          <Logo />
        </Link>
        <Link className="tp-link" href={user ? "/tenants" : "/sign-in"}>
          {user ? "Your tenants" : "Sign in"}
        </Link>
      </header>
      <main id="main" tabIndex={-1} className={classes.main}>
        {children}
      </main>
    </>
  );
}
