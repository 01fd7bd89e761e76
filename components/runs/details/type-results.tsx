import { type DataColumn, DataTable } from "#components/data-table/data-table";
import type { TypeSummary } from "#lib/capture/summary";
import { counted } from "#lib/counted";
import type { RunProgress } from "#lib/runs/schema";
import { ErrorCodeLink } from "../error-code-link.tsx";
import classes from "./type-results.module.css";
import { doneWords, labelOf, progressRows, type TypeRow } from "./type-words.ts";

/** Per policy type and foundation: expected, captured, failed, gone, and why. */
export function TypeResults({ types }: { types: Record<string, TypeSummary> }) {
  const rows = Object.entries(types).map(([key, type]): TypeRow => {
    const { kind, expected, captured, failed, gone, skipped, listed } = type;
    return {
      key,
      label: labelOf(key),
      kind,
      expected,
      captured,
      failed,
      gone,
      skipped,
      listed,
      error: type.error_code,
    };
  });
  return <Table rows={sorted(rows)} />;
}

/** The same while the run is active: counts grow as the page refreshes. */
export function TypeProgress({ progress }: { progress: RunProgress }) {
  const all = Object.values(progress.types);
  const expected = all.reduce((sum, type) => sum + type.expected, 0);
  const done = all.reduce((sum, type) => sum + type.captured + type.failed, 0);
  return (
    <>
      <div className={classes.overall}>
        <progress
          className={classes.bar}
          max={Math.max(1, expected)}
          value={done}
          aria-label="Captured so far"
        />
        <span className={classes.words}>
          {done} of {expected} known so far, {all.filter((type) => type.done).length} of{" "}
          {counted(all.length, "type")} done
        </span>
      </div>
      <Table rows={sorted(progressRows(progress))} live />
    </>
  );
}

/** So many missing items of a type are shown at once; the others when asked for, and in print. */
const shownAtOnce = 10;

/** What could not be captured, by type, one line each. */
export function MissingItems({ types }: { types: Record<string, TypeSummary> }) {
  const groups = Object.entries(types).filter(([, type]) => type.missing.length > 0);
  if (groups.length === 0) return null;
  return (
    <div className={classes.missing}>
      {groups.map(([key, type]) => {
        const rest = type.missing.slice(shownAtOnce);
        const unnamed = type.failed - type.missing.length;
        return (
          <section key={key} aria-label={labelOf(key)}>
            <h3 className={classes.type}>
              {labelOf(key)} <span className="tp-dim">({Math.max(type.failed, type.missing.length)})</span>
            </h3>
            <ul>
              {type.missing.slice(0, shownAtOnce).map((item, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two missing items may have neither id nor name
                <Missing key={index} item={item} type={type} />
              ))}
            </ul>
            {rest.length > 0 ? (
              <details>
                <summary>{rest.length} more</summary>
                <ul>
                  {rest.map((item, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: as above
                    <Missing key={index} item={item} type={type} />
                  ))}
                </ul>
              </details>
            ) : null}
            {unnamed > 0 ? <p className="tp-dim">And {unnamed} more that are not named.</p> : null}
          </section>
        );
      })}
    </div>
  );
}

function Missing({ item, type }: { item: TypeSummary["missing"][number]; type: TypeSummary }) {
  return (
    <li>
      {item.display_name ?? item.graph_id ?? "The list itself: what else there is, is unknown"}{" "}
      {item.display_name && item.graph_id ? <code className={classes.id}>{item.graph_id}</code> : null}
      {item.reason === type.error_message ? null : <div className="tp-dim">{item.reason}</div>}
    </li>
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
          {row.error ? (
            <div className={classes.error}>
              <ErrorCodeLink code={row.error} />
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
  const isOver = !live || row.listed !== null;
  const share =
    row.expected === 0 ? (isOver ? 100 : 0) : Math.min(100, Math.round((finished / row.expected) * 100));
  return (
    <span className={classes.done}>
      <span className={classes.track} aria-hidden>
        <span
          className={classes.fill}
          data-tone={row.failed > 0 || row.error ? "danger" : live ? "info" : "success"}
          style={{ width: `${share}%` }}
        />
      </span>
      <span className={classes.words}>{doneWords(row)}</span>
    </span>
  );
}

/** What has trouble first, then policies before foundations, by name. */
function sorted(rows: TypeRow[]): TypeRow[] {
  const rank = (row: TypeRow) => (row.error || row.failed > 0 ? 0 : row.kind === "policy" ? 1 : 2);
  return rows.sort((a, b) => rank(a) - rank(b) || a.label.localeCompare(b.label, "en"));
}
