"use client";

import { Button } from "@mantine/core";
import { IconCheck, IconPlugConnected, IconX } from "@tabler/icons-react";
import type { ConnectionTest, ConnectionView } from "#lib/connection/schema";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import type { Action } from "../feedback/action-result.ts";
import { useAction } from "../feedback/use-action.ts";
import { RelativeTime } from "../time/instant.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./connection-test.module.css";

/** A policy type or foundation with the permission that reads it. */
export interface TypePermission {
  key: string;
  label: string;
  category: string;
  permission: string;
}

/** Tests the connection, and shows what the last test found: per type, whether its permission is granted. */
export function ConnectionTestPanel({
  connection,
  types,
  test,
}: {
  connection: ConnectionView;
  types: readonly TypePermission[];
  /** None for roles that may only look. */
  test: Action<Record<string, never>, ConnectionTest> | null;
}) {
  const { pending, run } = useAction();
  const result = connection.test_result;
  const columns: DataColumn<TypePermission>[] = [
    {
      key: "type",
      label: "Policy type",
      phone: "main",
      cell: (type) => (
        <div>
          {type.label} <span className="tp-dim">· {type.category}</span>
        </div>
      ),
    },
    {
      key: "permission",
      label: "Permission",
      cell: (type) => <code className="tp-mono">{result?.missing[type.key] ?? type.permission}</code>,
    },
    {
      key: "state",
      label: "State",
      tight: true,
      cell: (type) => (result?.missing[type.key] ? <NotGranted word="Missing" /> : <Granted />),
    },
  ];
  const missingFirst = result
    ? types.toSorted((a, b) => Number(b.key in result.missing) - Number(a.key in result.missing))
    : types;
  return (
    <Panel
      title="Test"
      flush
      action={
        test ? (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlugConnected size={15} aria-hidden />}
            loading={pending}
            // What the test found is said right below.
            onClick={() => run(() => test({}))}
          >
            Test connection
          </Button>
        ) : undefined
      }
    >
      <div className={classes.result} role="status" data-ok={result ? result.ok : undefined}>
        {result ? (
          <>
            <strong>{result.ok ? "Connected" : "Not connected"}</strong>
            {connection.tested_at ? (
              <span className="tp-dim">
                {" "}
                · tested <RelativeTime at={connection.tested_at} />
              </span>
            ) : null}
            <p>{result.message}</p>
          </>
        ) : (
          <p>
            Not tested since it was saved. The test signs in and reads which permissions are granted; it
            changes nothing.
          </p>
        )}
      </div>
      {result?.ok ? (
        <DataTable
          label="Permissions by policy type"
          columns={columns}
          rows={missingFirst}
          rowKey={(type) => type.key}
          bare
        />
      ) : null}
      {result?.ok && result.change_authors ? (
        <DataTable
          label="Optional permissions"
          columns={optionalColumns}
          rows={optionalPermissions(result)}
          rowKey={(each) => each.use}
          bare
        />
      ) : null}
    </Panel>
  );
}

interface OptionalPermission {
  use: string;
  permission: string;
  granted: boolean;
}

function optionalPermissions({ change_authors = [], names = [] }: ConnectionTest): OptionalPermission[] {
  return [
    ...change_authors.map(({ log, ...each }) => ({
      use: `Who changed what in ${log === "intune" ? "Intune" : "Entra"}`,
      ...each,
    })),
    ...names.map(({ names: what, ...each }) => ({ use: `Names of ${what} behind ids`, ...each })),
  ];
}

const optionalColumns: DataColumn<OptionalPermission>[] = [
  {
    key: "use",
    label: "Optional, for",
    phone: "main",
    cell: ({ use }) => use,
  },
  {
    key: "permission",
    label: "Permission",
    cell: ({ permission }) => <code className="tp-mono">{permission}</code>,
  },
  {
    key: "state",
    label: "State",
    tight: true,
    cell: ({ granted }) => (granted ? <Granted /> : <NotGranted word="Not granted" optional />),
  },
];

function Granted() {
  return (
    <span className={classes.state} data-granted="yes">
      <IconCheck size={14} stroke={2.25} aria-hidden /> Granted
    </span>
  );
}

/** @param optional nothing is wrong without it */
function NotGranted({ word, optional }: { word: string; optional?: boolean }) {
  return (
    <span className={classes.state} data-granted={optional ? "optional" : "no"}>
      <IconX size={14} stroke={2.25} aria-hidden /> {word}
    </span>
  );
}
