import { type RunErrorCode, runErrorHelp } from "#lib/runs/error-codes";

/** An error code with what it means and what to do about it. */
export function ErrorHelp({ code, message }: { code: RunErrorCode; message?: string | null }) {
  const help = runErrorHelp[code];
  return (
    <>
      <p style={{ margin: 0 }}>{message ?? help.meaning}</p>
      {message && message !== help.meaning ? <p style={{ margin: "0.25rem 0 0" }}>{help.meaning}</p> : null}
      <p style={{ margin: "0.5rem 0 0" }}>
        <strong>What to do:</strong> {help.remedy}
      </p>
    </>
  );
}
