import type { PolicySpan } from "#lib/sets/policy-history";
import { Link } from "../navigation/link.tsx";
import type { RestoreStart } from "../restore/start/restore-start.ts";
import { StartRestoreButton } from "../restore/start/start-restore-button.tsx";
import { AbsoluteTime, RelativeTime } from "../time/instant.tsx";
import { bytesText } from "../ui/bytes.ts";
import classes from "./policy-timeline.module.css";
import { type TimelineEntry, timelineEntries } from "./timeline-entries.ts";

/** A policy over time, newest first: its versions, its renames, and when it was not there. */
export function PolicyTimeline({
  policy,
  timeline,
  tenantId,
  start,
}: {
  policy: { policy_type: string; graph_id: string };
  timeline: readonly PolicySpan[];
  tenantId: number;
  /** Null for roles that may not restore. */
  start: RestoreStart | null;
}) {
  return (
    <ol className={classes.root} aria-label="Versions, newest first">
      {timelineEntries(timeline).map((entry) => (
        <li key={entry.key} className={classes.entry} data-gone={entry.span.sha256 === null || undefined}>
          {entry.span.sha256 === null ? (
            <Gone span={entry.span} isNewest={entry.isNewest} sets={`/tenants/${tenantId}/backup-sets`} />
          ) : (
            <Version entry={entry} sets={`/tenants/${tenantId}/backup-sets`} policy={policy} start={start} />
          )}
        </li>
      ))}
    </ol>
  );
}

function Version({
  entry,
  sets,
  policy: { policy_type, graph_id },
  start,
}: {
  entry: TimelineEntry;
  sets: string;
  policy: { policy_type: string; graph_id: string };
  start: RestoreStart | null;
}) {
  const { span, before } = entry;
  const href = `${sets}/${span.last_set_id}/items/${span.item_id}`;
  return (
    <>
      <div className={classes.head}>
        <h3 className={classes.title}>
          <Link className={classes.link} href={href}>
            Version {entry.version}
          </Link>
        </h3>
        {entry.isNewest ? <span className={classes.newest}>Newest</span> : null}
        {entry.sameAs === null ? null : (
          <span className={classes.dim}>the same content as version {entry.sameAs}</span>
        )}
      </div>
      {entry.renamedFrom === null ? null : (
        <p className={classes.rename}>
          Renamed from “{entry.renamedFrom}” to “{span.display_name}”
        </p>
      )}
      <Stretch span={span} sets={sets} />
      <p className={classes.links}>
        <Link className="tp-link" href={href}>
          Read this version
        </Link>
        {before ? (
          <Link
            className="tp-link"
            href={`${href}/compare?with_set=${before.last_set_id}&with_item=${before.item_id}`}
          >
            What changed since version {entry.version - 1}
          </Link>
        ) : null}
        {start ? (
          <StartRestoreButton
            start={start}
            setId={span.last_set_id}
            policies={[{ policy_type, graph_id, display_name: span.display_name ?? graph_id }]}
            size="compact-xs"
            label={`Restore this version: ${entry.version}`}
          >
            Restore this version…
          </StartRestoreButton>
        ) : null}
        <span className={classes.dim}>
          {span.bytes_logical === null ? null : bytesText(span.bytes_logical)}{" "}
          <code className="tp-mono" title={`SHA-256 ${span.sha256}`}>
            {span.sha256?.slice(0, 10)}
          </code>
        </span>
      </p>
    </>
  );
}

function Gone({ span, isNewest, sets }: { span: PolicySpan; isNewest: boolean; sets: string }) {
  return (
    <>
      <div className={classes.head}>
        <h3 className={classes.title}>{isNewest ? "No longer there" : "Not there"}</h3>
      </div>
      <Stretch span={span} sets={sets} />
    </>
  );
}

/** From when to when, and in how many sets. */
function Stretch({ span, sets }: { span: PolicySpan; sets: string }) {
  const setLink = (id: number) => (
    <Link className="tp-link" href={`${sets}/${id}`}>
      set {id}
    </Link>
  );
  if (span.set_count === 1) {
    return (
      <p className={classes.stretch}>
        <AbsoluteTime at={span.first_seen_at} /> in {setLink(span.first_set_id)},{" "}
        <RelativeTime at={span.first_seen_at} />
      </p>
    );
  }
  return (
    <p className={classes.stretch}>
      <AbsoluteTime at={span.first_seen_at} /> ({setLink(span.first_set_id)}) to{" "}
      <AbsoluteTime at={span.last_seen_at} /> ({setLink(span.last_set_id)}), in {span.set_count} sets
    </p>
  );
}
