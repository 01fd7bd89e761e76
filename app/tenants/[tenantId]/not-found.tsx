import { IconMapOff } from "@tabler/icons-react";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";

export default function NotFound() {
  return (
    <EmptyState
      heading="h1"
      icon={<IconMapOff size={22} />}
      title="There is nothing at this address"
      action={
        <ButtonLink href="/tenants" variant="default">
          All tenants
        </ButtonLink>
      }
    >
      It may have been deleted, or it belongs to another tenant.
    </EmptyState>
  );
}
