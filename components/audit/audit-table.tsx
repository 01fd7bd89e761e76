import { type AuditTarget, auditTargets, entryWords } from "#lib/audit/actions";
import type { AuditEntryView } from "#lib/audit/schema";
import { ExpandableTable } from "../data-table/expandable-table.tsx";
import { hrefOf } from "../navigation/href.ts";
import { Link } from "../navigation/link.tsx";
import { ErrorCodeLink } from "../runs/error-code-link.tsx";
import { AbsoluteTime, TimeCell } from "../time/instant.tsx";
import { TimeOfDay } from "../time/time-of-day.tsx";
import classes from "./audit-table.module.css";
import { type Field, type FieldValue, fieldsOf } from "./fields.ts";

/** Whose log it is: a tenant's by its id, or the platform's. */
export type LogOwner = number | "platform";

/** Where the page of a log is. */
export function logPath(owner: LogOwner): string {
  return owner === "platform" ? "/platform/log" : `/tenants/${owner}/audit-log`;
}

/** The audit log, newest first: when, who, what; a row unfolds to the details. */
export function AuditTable({ entries, owner }: { entries: readonly AuditEntryView[]; owner: LogOwner }) {
  return (
    <ExpandableTable
      label="Audit log"
      columns={[
        { key: "what", label: "What", phone: "main" },
        { key: "action", label: "Action", tight: true, phone: "hide" },
        { key: "when", label: "When", tight: true },
      ]}
      rows={entries.map((entry) => ({
        key: entry.id,
        label: `${actorName(entry)} ${entryWords(entry).words}`,
        cells: [
          <span key="what">
            <strong className={classes.actor}>{actorName(entry)}</strong>
            {entry.actor_kind === "token" ? <span className={classes.kind}>API token</span> : null}{" "}
            {entryWords(entry).words}{" "}
            {entryWords(entry).namesTarget ? <Target entry={entry} owner={owner} /> : null}
          </span>,
          <code key="action" className="tp-mono tp-dim">
            {entry.action}
          </code>,
          <TimeCell key="when" at={entry.at} />,
        ],
        details: <Details entry={entry} owner={owner} />,
      }))}
    />
  );
}

/** What the service does by itself it does under its own name; which part of it is in the details. */
function actorName(entry: AuditEntryView): string {
  return entry.actor_kind === "system" ? "TenantPilot" : entry.actor_name;
}

const actorKinds = { user: "person", token: "API token", system: "the service itself" } as const;

function Details({ entry, owner }: { entry: AuditEntryView; owner: LogOwner }) {
  const fields = fieldsOf(entry);
  const changed = fields.filter((field) => field.before !== null);
  const others = fields.filter((field) => field.before === null);
  const actor = entry.actor_id === null ? entry.actor_kind : `${entry.actor_kind}:${entry.actor_id}`;
  return (
    <div className={classes.details}>
      {changed.length > 0 ? (
        <table className={classes.changes} aria-label="What changed">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {changed.map((field) => (
              <Change key={field.key} field={field} owner={owner} />
            ))}
          </tbody>
        </table>
      ) : null}
      <dl className={classes.list}>
        {others.map((field) => (
          <div key={field.key}>
            <dt>{field.label}</dt>
            <dd>
              <Value value={field.value} owner={owner} />
            </dd>
          </div>
        ))}
        <div>
          <dt>Done by</dt>
          <dd>
            {actorName(entry)}, {actorKinds[entry.actor_kind]}{" "}
            <span className="tp-dim">({entry.actor_id ?? entry.actor_name})</span> ·{" "}
            <Link className="tp-link" href={hrefOf(logPath(owner), { actor })}>
              all by {entry.actor_kind === "user" ? "them" : "it"}
            </Link>
          </dd>
        </div>
        {entry.target_kind && entry.target_id !== null ? (
          <div>
            <dt>About</dt>
            <dd>
              <Target entry={entry} owner={owner} withKind /> ·{" "}
              <Link
                className="tp-link"
                href={hrefOf(logPath(owner), {
                  search: `${entry.target_kind} ${entry.target_id}`,
                })}
              >
                all about it
              </Link>
            </dd>
          </div>
        ) : null}
        <div>
          <dt>At</dt>
          <dd>
            <AbsoluteTime at={entry.at} /> <span className="tp-dim tp-nums">({entry.at})</span>
          </dd>
        </div>
        {entry.address === null ? null : (
          <div>
            <dt>From</dt>
            <dd className="tp-nums">{entry.address}</dd>
          </div>
        )}
        <div>
          <dt>Entry</dt>
          <dd>
            {entry.id} · <code className="tp-mono">{entry.action}</code>
            {entry.request_id === null ? null : (
              <>
                {" "}
                · request <code className="tp-mono">{entry.request_id}</code>
              </>
            )}
          </dd>
        </div>
        {entry.sequence === null || entry.hash === null ? null : (
          <div>
            <dt>In the chain</dt>
            <dd>
              <code className="tp-mono">
                {entry.sequence}:{entry.hash}
              </code>
            </dd>
          </div>
        )}
      </dl>
    </div>
  );
}

function Change({ field, owner }: { field: Field; owner: LogOwner }) {
  return (
    <tr>
      <th scope="row">{field.label}</th>
      <td className={classes.before}>{field.before ? <Value value={field.before} owner={owner} /> : null}</td>
      <td className={classes.after}>
        <Value value={field.value} owner={owner} />
      </td>
    </tr>
  );
}

function Value({ value, owner }: { value: FieldValue; owner: LogOwner }) {
  switch (value.kind) {
    case "text":
      return value.text;
    case "none":
      return <span className="tp-dim">None</span>;
    case "list":
      return value.items.join(", ");
    case "instant":
      return <AbsoluteTime at={value.at} />;
    case "time_of_day":
      return <TimeOfDay time={value.time} />;
    case "error":
      return <ErrorCodeLink code={value.code} />;
    case "link":
      if (owner === "platform") return value.text;
      return (
        <Link className="tp-link" href={`/tenants/${owner}/${value.path}`} scroll={false}>
          {value.text}
        </Link>
      );
  }
}

function isTarget(kind: string): kind is AuditTarget {
  return Object.hasOwn(auditTargets, kind);
}

/** What was acted upon, as a link while it is there. A deleted schedule still has its runs. */
function Target({
  entry,
  owner,
  withKind = false,
}: {
  entry: AuditEntryView;
  owner: LogOwner;
  withKind?: boolean;
}) {
  const { target_kind, target_id, target_name } = entry;
  if (target_kind === null || target_id === null) return null;
  const known = isTarget(target_kind) ? auditTargets[target_kind] : null;
  const kind = owner === "platform" && target_kind === "user" ? "person" : (known?.name ?? target_kind);
  const text = withKind
    ? `${kind} ${target_id}${target_name === null ? "" : `, “${target_name}”`}`
    : target_name === null
      ? `${target_id}`
      : `“${target_name}”`;
  const path = known?.path;
  if (owner === "platform" || !path || (!entry.target_exists && target_kind !== "schedule")) return text;
  const href = entry.target_exists
    ? `/tenants/${owner}/${path}/${target_id}`
    : `/tenants/${owner}/runs?schedule=${target_id}`;
  return (
    <Link className="tp-link" href={href} scroll={false}>
      {text}
    </Link>
  );
}
