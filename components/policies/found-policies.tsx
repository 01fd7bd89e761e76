import type { FoundPolicy } from "#lib/contents/schema";
import { counted } from "#lib/counted";
import { findType } from "#lib/policies/catalog";
import tableClasses from "../data-table/data-table.module.css";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import { Link } from "../navigation/link.tsx";
import { TimeCell } from "../time/instant.tsx";
import classes from "./found-policies.module.css";

/** Policies that hold what was looked for, and where. A row opens the policy as the newest such set has it. */
export function FoundPolicies({
  policies,
  tenantId,
}: {
  policies: readonly FoundPolicy[];
  tenantId: number;
}) {
  const columns: DataColumn<FoundPolicy>[] = [
    {
      key: "name",
      label: "Policy",
      phone: "main",
      cell: (policy) => (
        <>
          <Link
            className={tableClasses.strong}
            href={`/tenants/${tenantId}/backup-sets/${policy.set_id}/items/${policy.item_id}`}
          >
            {policy.display_name}
          </Link>
          <div className="tp-dim">{findType(policy.policy_type)?.label ?? policy.policy_type}</div>
        </>
      ),
    },
    {
      key: "where",
      label: "Where",
      cell: (policy) => (
        <ul className={classes.matches}>
          {policy.matches.map((match) => (
            <li key={match.path}>
              <span className={classes.excerpt}>{match.excerpt}</span>
              {match.name === null ? null : <> ({match.name})</>}
              <div className={classes.path}>{match.path}</div>
            </li>
          ))}
          {policy.match_count > policy.matches.length ? (
            <li className="tp-dim">
              and in {counted(policy.match_count - policy.matches.length, "other place")}
            </li>
          ) : null}
        </ul>
      ),
    },
    { key: "since", label: "Since", tight: true, cell: (policy) => <TimeCell at={policy.first_seen_at} /> },
    {
      key: "until",
      label: "Until",
      tight: true,
      cell: (policy) => (policy.is_now ? "Now" : <TimeCell at={policy.last_seen_at} />),
    },
  ];
  return (
    <DataTable
      label="Policies found"
      columns={columns}
      rows={policies}
      rowKey={(policy) => `${policy.policy_type} ${policy.graph_id}`}
    />
  );
}
