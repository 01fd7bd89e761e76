import { findType } from "#lib/policies/catalog";
import type { VerifyFault } from "#lib/sets/schema";
import { Link } from "../navigation/link.tsx";
import { policyHref } from "../policies/policy-href.ts";
import classes from "./fault-list.module.css";

/** What verification found wrong in a set, each fault with the way to its item. */
export function FaultList({
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
    <ul className={classes.root}>
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
export function DamageRemedy() {
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
