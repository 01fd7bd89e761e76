import { IconShieldCheck, IconShieldQuestion } from "@tabler/icons-react";
import { ProblemAlert } from "#components/feedback/problem-alert";
import { policyHref } from "#components/navigation/href.ts";
import { Link } from "#components/navigation/link";
import { AbsoluteTime, RelativeTime } from "#components/time/instant";
import { counted } from "#lib/counted";
import { findType } from "#lib/policies/catalog";
import type { BackupSetDetails, VerifyFault } from "#lib/sets/schema";
import type { SetsOverview } from "#lib/sets/sets-overview";
import classes from "./verification.module.css";

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
      <span className={classes.shield} data-tone={verified_at ? "success" : "neutral"}>
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

/** Stands above everything when verification has found any of the tenant's sets damaged. */
export function DamageAlert({
  tenantId,
  overview: { damaged, damaged_count },
}: {
  tenantId: number;
  overview: Pick<SetsOverview, "damaged" | "damaged_count">;
}) {
  if (damaged_count === 0) return null;
  const unnamed = damaged_count - damaged.length;
  return (
    <ProblemAlert
      title={damaged_count === 1 ? "A backup set is damaged" : `${damaged_count} backup sets are damaged`}
    >
      <div className={classes.sets}>
        {damaged.map((set) => {
          const href = `/tenants/${tenantId}/backup-sets/${set.set_id}`;
          return (
            <div key={set.set_id}>
              <p className={classes.title}>
                <Link className="tp-link" href={href}>
                  Set {set.set_id}
                </Link>{" "}
                of {set.schedule_name}, made <AbsoluteTime at={set.created_at} />
                {set.is_binned ? ", in the bin" : null}; found <RelativeTime at={set.verified_at} />
              </p>
              <FaultList
                faults={set.faults}
                faultCount={set.fault_count}
                set={{ id: set.set_id, tenant_id: tenantId }}
              />
            </div>
          );
        })}
        {unnamed > 0 ? <p className={classes.title}>And {counted(unnamed, "older set")}.</p> : null}
      </div>
      <DamageRemedy />
    </ProblemAlert>
  );
}

/** What verification found wrong in a set, each fault with the way to its item. */
function FaultList({
  faults,
  faultCount,
  set,
}: {
  /** The first ones. */
  faults: readonly VerifyFault[];
  /** Of all there are. */
  faultCount: number;
  set: { id: number; tenant_id: number };
}) {
  const more = faultCount - faults.length;
  return (
    <ul className={classes.faults}>
      {faults.map((fault, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a set may have two faults that read the same
        <li key={index}>
          {fault.message}{" "}
          {fault.item_id !== null && fault.policy_type !== null ? (
            <span className={classes.item}>
              {findType(fault.policy_type)?.label ?? fault.policy_type} ·{" "}
              <Link
                className="tp-link"
                href={`/tenants/${set.tenant_id}/backup-sets/${set.id}/items/${fault.item_id}`}
                scroll={false}
              >
                Open the item
              </Link>
              {fault.graph_id ? (
                <>
                  {" · "}
                  <Link
                    className="tp-link"
                    href={policyHref(set.tenant_id, {
                      policy_type: fault.policy_type,
                      graph_id: fault.graph_id,
                    })}
                  >
                    Its other versions
                  </Link>
                </>
              ) : null}
            </span>
          ) : null}
        </li>
      ))}
      {more > 0 ? <li>And {more} more.</li> : null}
    </ul>
  );
}

/** What to do about damage. */
function DamageRemedy() {
  return (
    <p className={classes.remedy}>
      <strong>What to do:</strong> what is not named here is whole, and can be read and exported. Sets share
      what did not change between them; the others that it concerns are verified by themselves. Another
      version of the policy may be whole. The next run that finds the policy as it was then puts its stored
      copy right by itself. Stored data does not change by itself: check the disk of the database; what no run
      puts right comes back only with the database’s own backup.
    </p>
  );
}
