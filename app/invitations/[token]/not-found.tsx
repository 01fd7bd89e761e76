import { Link } from "#components/navigation/link";
import { Card } from "../../sign-in/card.tsx";
import classes from "../../sign-in/sign-in.module.css";

export default function NoSuchInvitation() {
  return (
    <Card title="This invitation is not valid any more">
      <title>Invitation not valid · TenantPilot</title>
      <p className={classes.text}>
        It has expired, was withdrawn, or was accepted already. Ask whoever invited you for another one, or{" "}
        <Link href="/tenants">go on to your tenants</Link>.
      </p>
    </Card>
  );
}
