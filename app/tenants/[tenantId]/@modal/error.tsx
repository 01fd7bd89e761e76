"use client";

import { ErrorDialog } from "#components/feedback/error-dialog";

/** What could not be shown over a list fails there, and leaves the list as it is. */
export default function ModalError({ error, retry }: { error: unknown; retry: () => void }) {
  return <ErrorDialog error={error} retry={retry} />;
}
