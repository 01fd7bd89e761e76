import { IconMapOff } from "@tabler/icons-react";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";

export default function NotFound() {
  return (
    <main style={{ display: "grid", placeItems: "center", minHeight: "100dvh" }}>
      <title>Not found · TenantPilot</title>
      <EmptyState
        heading="h1"
        icon={<IconMapOff size={22} />}
        title="There is nothing at this address"
        action={<ButtonLink href="/tenants">All tenants</ButtonLink>}
      >
        The address may be wrong, or you are not a member of this tenant.
      </EmptyState>
    </main>
  );
}
