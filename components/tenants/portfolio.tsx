"use client";

import { NativeSelect, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import Link from "next/link";
import { useState } from "react";
import type { TenantSummary } from "#lib/tenants/list";
import tableClasses from "../data-table/data-table.module.css";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import { RunStatusBadge } from "../runs/run-status-badge.tsx";
import { useNow } from "../time/clock.tsx";
import { TimeCell } from "../time/instant.tsx";
import { byRisk, protectionOf } from "./protection.ts";
import { ProtectionBadge } from "./protection-badge.tsx";

const searchFrom = 8;

/** All of one's tenants with their protection: what needs someone comes first. */
export function Portfolio({ tenants }: { tenants: readonly TenantSummary[] }) {
  const now = useNow();
  const [search, setSearch] = useState("");
  const [order, setOrder] = useState("risk");
  const [state, setState] = useState("");
  const wanted = search.trim().toLowerCase();
  const matching = tenants.filter(
    (tenant) =>
      tenant.name.toLowerCase().includes(wanted) &&
      (state === "" || protectionOf(tenant, now).state === state),
  );
  // Tenants come sorted by name.
  const shown = order === "risk" ? byRisk(matching, now) : matching;
  const columns: DataColumn<TenantSummary>[] = [
    {
      key: "name",
      label: "Tenant",
      phone: "main",
      cell: (tenant) => (
        <Link className={tableClasses.strong} href={`/tenants/${tenant.id}`}>
          {tenant.name}
        </Link>
      ),
    },
    {
      key: "protection",
      label: "Protection",
      tight: true,
      cell: (tenant) => <ProtectionBadge tenant={tenant} />,
    },
    {
      key: "success",
      label: "Last complete backup",
      tight: true,
      cell: (tenant) =>
        tenant.last_success_at ? <TimeCell at={tenant.last_success_at} /> : <Dim>None yet</Dim>,
    },
    {
      key: "last",
      label: "Last run",
      tight: true,
      cell: (tenant) =>
        tenant.last_run_status ? <RunStatusBadge state={tenant.last_run_status} /> : <Dim>Never</Dim>,
    },
    {
      key: "next",
      label: "Next run",
      tight: true,
      cell: (tenant) => (tenant.next_run_at ? <TimeCell at={tenant.next_run_at} /> : <Dim>None</Dim>),
    },
    {
      key: "schedules",
      label: "Schedules",
      align: "end",
      tight: true,
      cell: (tenant) =>
        tenant.schedules.enabled === tenant.schedules.total
          ? tenant.schedules.total
          : `${tenant.schedules.enabled} of ${tenant.schedules.total}`,
    },
    { key: "role", label: "Your role", tight: true, cell: (tenant) => tenant.role },
  ];
  return (
    <div>
      {tenants.length >= searchFrom ? (
        <div className={tableClasses.toolbar}>
          <TextInput
            type="search"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            placeholder="Find a tenant"
            aria-label="Find a tenant"
            leftSection={<IconSearch size={16} aria-hidden />}
            w={{ base: "100%", xs: 260 }}
          />
          <NativeSelect
            aria-label="Protection"
            value={state}
            onChange={(event) => setState(event.currentTarget.value)}
            data={[
              { value: "", label: "Any protection" },
              { value: "unprotected", label: "Not protected" },
              { value: "at-risk", label: "At risk" },
              { value: "protected", label: "Protected" },
            ]}
          />
          <NativeSelect
            aria-label="Order"
            value={order}
            onChange={(event) => setOrder(event.currentTarget.value)}
            data={[
              { value: "risk", label: "Riskiest first" },
              { value: "name", label: "By name" },
            ]}
          />
        </div>
      ) : null}
      <DataTable label="Tenants" columns={columns} rows={shown} rowKey={(tenant) => tenant.id} />
      {shown.length === 0 ? (
        <p className="tp-dim" role="status">
          No tenant matches.
        </p>
      ) : null}
    </div>
  );
}

function Dim({ children }: { children: string }) {
  return <span className="tp-dim">{children}</span>;
}
