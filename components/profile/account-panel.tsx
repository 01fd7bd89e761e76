import type { Role } from "#lib/access/permissions";
import { Link } from "../navigation/link.tsx";
import { Facts } from "../ui/facts.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./profile.module.css";

/** Who one is, and as what in which tenant. */
export function AccountPanel({
  person,
  tenants,
}: {
  person: { name: string; email: string };
  tenants: readonly { id: number; name: string; role: Role }[];
}) {
  return (
    <Panel title="Account">
      <div className={classes.account}>
        <Facts
          of={[
            ["Name", person.name],
            ["Email", person.email],
          ]}
        />
        {tenants.length === 0 ? (
          <p className={classes.note}>You are not a member of any tenant yet.</p>
        ) : (
          <ul className={classes.tenants} aria-label="Your tenants and roles">
            {tenants.map(({ id, name, role }) => (
              <li key={id} className={classes.tenant}>
                <Link href={`/tenants/${id}`} className="tp-link">
                  {name}
                </Link>
                <span>{role}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}
