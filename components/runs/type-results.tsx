import { findType } from "#lib/policies/catalog";
import { runErrorHelp } from "#lib/runs/error-codes";
import type { RunProgress, TypeSummary } from "#lib/runs/schema";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import classes from "./type-results.module.css";

/** What of a type both an active run's progress and an ended run's summary know. */
interface TypeRow {
  key: string;
  label: string;
  kind: "policy" | "foundation";
  expected: number;
  captured: number;
  failed: number;
  gone: number | null;
  skipped: boolean;
  error: Pick<TypeSummary, "error_code" | "error_message" | "request_id"> | null;
}

/** Per policy type and foundation: expected, captured, failed, gone, and why. */
export function TypeResults({ types }: { types: Record<string, TypeSummary> }) {
  const rows = Object.entries(types).map(([key, type]): TypeRow => {
    const { kind, expected, captured, failed, gone, skipped } = type;
    return {
      key,
      label: labelOf(key),
      kind,
      expected,
      captured,
      failed,
      gone,
      skipped,
      error: type.error_code ? type : null,
    };
  });
  return <Table rows={sorted(rows)} />;
}

/** The same while the run is active: counts grow as the page refreshes. */
export function TypeProgress({ progress }: { progress: RunProgress }) {
  const rows = Object.entries(progress.types).map(
    ([key, type]): TypeRow => ({
      ...type,
      key,
      label: labelOf(key),
      gone: null,
      skipped: false,
      error: null,
    }),
  );
  return <Table rows={sorted(rows)} live />;
}

/** What could not be captured, one line each. */
export function MissingItems({ types }: { types: Record<string, TypeSummary> }) {
  const missing = Object.entries(types).flatMap(([key, type]) => type.missing.map((item) => ({ key, item })));
  if (missing.length === 0) return null;
  return (
    <ul className={classes.missing}>
      {missing.map(({ key, item }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two missing items may have neither id nor name
        <li key={`${key}-${item.graph_id}-${index}`}>
          <strong>{item.display_name ?? item.graph_id ?? "An item without a name"}</strong>{" "}
          <span className="tp-dim">({labelOf(key)})</span>
          <div>
            {item.reason} <code className={classes.code}>{item.error_code}</code>
          </div>
        </li>
      ))}
    </ul>
  );
}

function Table({ rows, live = false }: { rows: TypeRow[]; live?: boolean }) {
  const anyGone = rows.some((row) => row.gone);
  const number = (value: number | null) => (value ? value : <span className="tp-dim">0</span>);
  const columns: DataColumn<TypeRow>[] = [
    {
      key: "type",
      label: "Policy type",
      phone: "main",
      cell: (row) => (
        <div>
          {row.label} {row.kind === "foundation" ? <span className="tp-dim">(foundation)</span> : null}
          {row.error?.error_code ? (
            <div className={classes.error}>
              <code className={classes.code}>{row.error.error_code}</code>{" "}
              {row.error.error_message ?? runErrorHelp[row.error.error_code].meaning}
              {row.error.request_id ? (
                <div className="tp-dim">
                  Graph request id <code className={classes.code}>{row.error.request_id}</code>
                </div>
              ) : null}
            </div>
          ) : null}
        </div>
      ),
    },
    {
      key: "done",
      label: live ? "Progress" : "Result",
      cell: (row) => <Done row={row} live={live} />,
    },
    {
      key: "expected",
      label: "Expected",
      align: "end",
      tight: true,
      phone: "hide",
      cell: (row) => number(row.expected),
    },
    {
      key: "captured",
      label: "Captured",
      align: "end",
      tight: true,
      phone: "hide",
      cell: (row) => number(row.captured),
    },
    {
      key: "failed",
      label: "Failed",
      align: "end",
      tight: true,
      phone: "hide",
      cell: (row) => number(row.failed),
    },
    ...(anyGone
      ? [
          {
            key: "gone",
            label: "Gone",
            align: "end" as const,
            tight: true,
            cell: (row: TypeRow) => number(row.gone),
          },
        ]
      : []),
  ];
  return (
    <>
      <DataTable
        label="Results by policy type"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.key}
        bare
      />
      {anyGone ? (
        <p className={classes.note}>
          Gone: deleted in the tenant while the run was reading it. This is not an error.
        </p>
      ) : null}
    </>
  );
}

function Done({ row, live }: { row: TypeRow; live: boolean }) {
  if (row.skipped) return <span className="tp-dim">Skipped</span>;
  const finished = row.captured + row.failed + (row.gone ?? 0);
  const share =
    row.expected === 0 ? (live ? 0 : 100) : Math.min(100, Math.round((finished / row.expected) * 100));
  const words = live
    ? row.expected === 0
      ? "Waiting"
      : `${finished} of ${row.expected}`
    : row.failed > 0 || row.error
      ? `${row.captured} of ${row.expected}`
      : row.expected === 0
        ? "None in this tenant"
        : `All ${row.expected}`;
  return (
    <span className={classes.done}>
      <span className={classes.track} aria-hidden>
        <span
          className={classes.fill}
          data-tone={row.failed > 0 || row.error ? "danger" : live ? "info" : "success"}
          style={{ width: `${share}%` }}
        />
      </span>
      <span className={classes.words}>{words}</span>
    </span>
  );
}

function labelOf(key: string): string {
  return findType(key)?.label ?? key;
}

/** What has trouble first, then policies before foundations, by name. */
function sorted(rows: TypeRow[]): TypeRow[] {
  const rank = (row: TypeRow) => (row.error || row.failed > 0 ? 0 : row.kind === "policy" ? 1 : 2);
  return rows.sort((a, b) => rank(a) - rank(b) || a.label.localeCompare(b.label, "en"));
}
