import { IconMapOff } from "@tabler/icons-react";
import { EmptyState } from "#components/feedback/empty-state";
import classes from "#components/feedback/plain-action.module.css";

export default function NotFound() {
  return (
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
      It may have been deleted, or it belongs to another tenant.
    </EmptyState>
  );
}
