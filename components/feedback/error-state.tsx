"use client";

import { IconAlertTriangle } from "@tabler/icons-react";
import { EmptyState } from "./empty-state.tsx";
import { errorNumber } from "./error-number.ts";
import classes from "./plain-action.module.css";
import { useRecovery } from "./use-recovery.ts";

/**
 * Stands for a page that could not be shown, with another try. When the service or its database was away, the page comes
 * back by itself.
 */
export function ErrorState({ error, retry }: { error: unknown; retry: () => void }) {
  const isAway = useRecovery(retry);
  const number = errorNumber(error);
  return (
    <div role="alert">
      <EmptyState
        heading="h1"
        icon={<IconAlertTriangle size={22} />}
        title="This page could not be loaded"
        action={
          <button type="button" className={classes.action} onClick={() => retry()}>
            Try again
          </button>
        }
      >
        {isAway
          ? "The service or its database is away. This page comes back by itself as soon as it can."
          : "The service or its database did not answer as it should."}{" "}
        {number ? `Error number ${number}.` : null}
      </EmptyState>
    </div>
  );
}
