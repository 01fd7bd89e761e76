import type { MadeSecret } from "../../feedback/dialogs/secret-dialog.tsx";

/** Recovery codes, to be shown this once. */
export function madeCodes(codes: readonly string[]): MadeSecret {
  return {
    title: "Keep your recovery codes now",
    words:
      "Without your phone you sign in with one of these in place of the app's code. Each works once. They are not shown again, so keep them where you find them without your phone.",
    secret: codes.join("\n"),
    copyLabel: "Copy codes",
    download: { label: "Download codes", fileName: "tenantpilot-recovery-codes.txt" },
    doneLabel: "I have kept them",
    testId: "recovery-codes",
  };
}
