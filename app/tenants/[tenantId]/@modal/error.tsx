"use client";

import { ErrorState } from "#components/feedback/error-state";
import { RouteModal } from "#components/feedback/route-modal";

/** What could not be shown over a list fails there, and leaves the list as it is. */
export default function ModalError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <RouteModal title="Not loaded">
      <ErrorState error={error} retry={retry} />
    </RouteModal>
  );
}
