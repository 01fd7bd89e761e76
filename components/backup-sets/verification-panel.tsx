import { IconShieldCheck, IconShieldQuestion } from "@tabler/icons-react";
import type { BackupSetDetails } from "#lib/sets/schema";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { AbsoluteTime, RelativeTime } from "../time/instant.tsx";
import { DamageRemedy, FaultList } from "./fault-list.tsx";
import classes from "./verification-panel.module.css";

/** Faults that the page names; the API names more. */
const shownFaults = 100;

/** What the newest verification of a set found, and when: damage in red, with the items that it concerns. */
export function VerificationPanel({ set }: { set: BackupSetDetails }) {
  const { verified_at, verify_result: result } = set;
  if (verified_at && result?.status === "damaged") {
    return (
      <ProblemAlert
        title={
          result.fault_count === 1
            ? "This backup set is damaged"
            : `This backup set is damaged: ${result.fault_count} faults`
        }
      >
        <p style={{ margin: "0 0 0.5rem" }}>
          Verification found it <RelativeTime at={verified_at} />, <AbsoluteTime at={verified_at} />.
        </p>
        <FaultList faults={result.faults.slice(0, shownFaults)} faultCount={result.fault_count} set={set} />
        <DamageRemedy />
      </ProblemAlert>
    );
  }
  return (
    <div className={classes.line}>
      <span className={classes.icon} data-tone={verified_at ? "success" : "neutral"}>
        {verified_at ? (
          <IconShieldCheck size={20} aria-hidden />
        ) : (
          <IconShieldQuestion size={20} aria-hidden />
        )}
      </span>
      <div>
        <p className={classes.text}>
          {verified_at ? (
            <>
              <strong>Whole.</strong> Verified <RelativeTime at={verified_at} />,{" "}
              <AbsoluteTime at={verified_at} />
              {result?.healed_at ? (
                <>
                  . It was damaged, and was found whole again <AbsoluteTime at={result.healed_at} />
                </>
              ) : null}
            </>
          ) : (
            <>
              <strong>Not verified yet.</strong>{" "}
              {set.deleted_at ? null : "Every kept set is verified once a week by itself."}
            </>
          )}
        </p>
        <p className={classes.more}>
          Verification recomputes the hash of every stored policy, and of the manifest:{" "}
          <code className={`tp-mono ${classes.hash}`}>{set.manifest_sha256}</code>
        </p>
      </div>
    </div>
  );
}
