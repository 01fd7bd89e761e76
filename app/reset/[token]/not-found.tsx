import { Link } from "#components/navigation/link";
import { Card } from "../../sign-in/card.tsx";
import classes from "../../sign-in/sign-in.module.css";

export default function NoSuchReset() {
  return (
    <Card title="This link is not valid any more">
      <title>Link not valid · TenantPilot</title>
      <p className={classes.text}>
        It has expired, was used, or another one took its place. Ask an administrator for another one, or{" "}
        <Link href="/sign-in">sign in</Link>.
      </p>
    </Card>
  );
}
