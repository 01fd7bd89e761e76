import type { SetsOverview } from "#lib/sets/sets-overview";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { Link } from "../navigation/link.tsx";
import { AbsoluteTime, RelativeTime } from "../time/instant.tsx";
import classes from "./fault-list.module.css";
import { DamageRemedy, FaultList } from "./fault-list.tsx";

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
        {unnamed > 0 ? <p className={classes.title}>And {unnamed} older sets.</p> : null}
      </div>
      <DamageRemedy />
    </ProblemAlert>
  );
}
