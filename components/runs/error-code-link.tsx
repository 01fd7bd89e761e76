import type { RunErrorCode } from "#lib/run-error-codes";
import { Link } from "../navigation/link.tsx";

/** An error code that leads to its explanation. */
export function ErrorCodeLink({ code }: { code: RunErrorCode }) {
  return (
    <Link
      className="tp-link tp-mono"
      style={{ display: "inline-block", minHeight: "1.5rem" }}
      href={`/help/error-codes#${code}`}
    >
      {code}
    </Link>
  );
}
