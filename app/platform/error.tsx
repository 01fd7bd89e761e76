"use client";

import { ErrorState } from "#components/feedback/error-state";

export default function PlatformError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <main>
      <ErrorState error={error} retry={retry} />
    </main>
  );
}
