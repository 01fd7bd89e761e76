import { findType } from "#lib/policies/catalog";
import type { KnownPolicy } from "#lib/sets/policy-history";
import tableClasses from "../data-table/data-table.module.css";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import { policyHref } from "../navigation/href.ts";
import { Link } from "../navigation/link.tsx";
import { TimeCell } from "../time/instant.tsx";
import { PresenceBadge } from "./presence-badge.tsx";

/** Policies of all backup sets. A row opens the policy's history. */
export function PoliciesTable({
  policies,
  tenantId,
}: {
  policies: readonly KnownPolicy[];
  tenantId: number;
}) {
  const columns: DataColumn<KnownPolicy>[] = [
    {
      key: "name",
      label: "Policy",
      phone: "main",
      cell: (policy) => (
        <Link className={tableClasses.strong} href={policyHref(tenantId, policy)}>
          {policy.display_name}
        </Link>
      ),
    },
    {
      key: "type",
      label: "Type",
      cell: (policy) => (
        <>
          {findType(policy.policy_type)?.label ?? policy.policy_type}
          {policy.kind === "foundation" ? <span className="tp-dim"> · foundation</span> : null}
        </>
      ),
    },
    {
      key: "state",
      label: "State",
      tight: true,
      cell: (policy) => <PresenceBadge isPresent={policy.is_present} />,
    },
    { key: "versions", label: "Versions", align: "end", tight: true, cell: (policy) => policy.versions },
    {
      key: "first",
      label: "First seen",
      tight: true,
      cell: (policy) => <TimeCell at={policy.first_seen_at} />,
    },
    { key: "last", label: "Last seen", tight: true, cell: (policy) => <TimeCell at={policy.last_seen_at} /> },
  ];
  return (
    <DataTable
      label="Policies"
      columns={columns}
      rows={policies}
      rowKey={(policy) => `${policy.policy_type} ${policy.graph_id}`}
    />
  );
}
