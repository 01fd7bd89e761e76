"use client";

import { errorNumber } from "#components/feedback/error-number.ts";
import { useRecovery } from "#components/feedback/use-recovery.ts";

/** The last resort, when the root layout itself failed: no theme, no components. */
export default function GlobalError({ error, retry }: { error: unknown; retry: () => void }) {
  useRecovery(() => location.reload());
  const number = errorNumber(error);
  return (
    <html lang="en">
      <body
        style={{
          colorScheme: "light dark",
          fontFamily: "system-ui, sans-serif",
          padding: "2rem",
          lineHeight: 1.5,
        }}
      >
        <title>TenantPilot is not available</title>
        <h1>TenantPilot is not available right now</h1>
        <p>
          The service could not build this page. Try again in a moment.
          {number ? ` Error number ${number}.` : null}
        </p>
        <button type="button" onClick={() => retry()}>
          Try again
        </button>
      </body>
    </html>
  );
}
