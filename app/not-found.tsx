import { IconMapOff } from "@tabler/icons-react";
import { EmptyState } from "#components/feedback/empty-state";
import classes from "#components/feedback/plain-action.module.css";

export default function NotFound() {
  return (
    <main style={{ display: "grid", placeItems: "center", minHeight: "100dvh" }}>
      <title>Not found · TenantPilot</title>
      <EmptyState
        heading="h1"
        icon={<IconMapOff size={22} />}
        title="There is nothing at this address"
        action={
          <a href="/tenants" className={classes.action}>
            All tenants
          </a>
        }
      >
        The address may be wrong, or you are not a member of this tenant.
      </EmptyState>
    </main>
  );
}
