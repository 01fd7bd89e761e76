import { Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { policyHref } from "#components/navigation/href.ts";
import { Link } from "#components/navigation/link";
import { AbsoluteTime } from "#components/time/instant";
import { Facts } from "#components/ui/facts";
import { Panel } from "#components/ui/panel";
import { hasBegun, policiesText, progressOf, restoreStory } from "../restore-words.ts";
import type { RestoreDetails } from "./restore-details.ts";
import classes from "./restore-progress.module.css";

/** What a restore is about and where it stands, with links to the sets that belong to it. */
export function RestoreSummary({
  restore,
  planning,
}: {
  restore: RestoreDetails;
  /** How far the reading of the live tenant is; null when it is not under way. */
  planning: { done: number; expected: number } | null;
}) {
  const { ended, total } = progressOf(restore);
  const base = `/tenants/${restore.tenant_id}`;
  const working = ["queued", "running", "waiting"].includes(restore.status);
  return (
    <Panel>
      <Stack gap="md">
        <p className={classes.story} role="status">
          {restoreStory(restore)}
        </p>
        {planning ? (
          <Progress
            label="What is live, read so far"
            done={planning.done}
            of={planning.expected}
            words={`${planning.done} of ${planning.expected} known so far`}
          />
        ) : null}
        {working && total > 0 ? (
          <Progress
            label="Policies written"
            done={ended}
            of={total}
            words={`${ended} of ${policiesText(total)}`}
          />
        ) : null}
        <Facts
          of={[
            ["From", <Source key="from" restore={restore} />],
            restore.undo_of === null
              ? null
              : ["Takes back", <RestoreLink key="undo" base={base} id={restore.undo_of} />],
            restore.undone_by === null
              ? null
              : ["Taken back by", <RestoreLink key="undone" base={base} id={restore.undone_by} />],
            ["Planned by", person(restore.created_by.name, restore.created_at)],
            restore.planned_at
              ? ["What is live was read", <AbsoluteTime key="planned" at={restore.planned_at} />]
              : null,
            restore.requested_by && restore.requested_at
              ? ["Asked for by", person(restore.requested_by.name, restore.requested_at)]
              : null,
            restore.approved_by && restore.approved_at
              ? ["Approved by", person(restore.approved_by.name, restore.approved_at)]
              : null,
            restore.reason ? ["Reason", restore.reason] : null,
            restore.started_at && hasBegun(restore)
              ? ["Began", <AbsoluteTime key="began" at={restore.started_at} />]
              : null,
            restore.ended_at ? ["Ended", <AbsoluteTime key="ended" at={restore.ended_at} />] : null,
            restore.before_set_id
              ? [
                  "Before it wrote",
                  <Link
                    key="before"
                    className="tp-link"
                    href={`${base}/backup-sets/${restore.before_set_id}`}
                  >
                    Set {restore.before_set_id}, pinned
                  </Link>,
                ]
              : null,
            restore.status === "planning" && restore.run_id
              ? [
                  "Run",
                  <Link key="run" className="tp-link" href={`${base}/runs/${restore.run_id}`} scroll={false}>
                    Run {restore.run_id}
                  </Link>,
                ]
              : null,
          ]}
        />
        {restore.made.length > 0 ? <Made restore={restore} /> : null}
      </Stack>
    </Panel>
  );
}

function Progress({ label, done, of, words }: { label: string; done: number; of: number; words: string }) {
  return (
    <div className={classes.root}>
      <progress className={classes.bar} max={Math.max(1, of)} value={done} aria-label={label} />
      <span className={classes.words}>{words}</span>
    </div>
  );
}

function Source({ restore: { source, tenant_id } }: { restore: RestoreDetails }) {
  return (
    <>
      <Link className="tp-link" href={`/tenants/${source.tenant_id}/backup-sets/${source.set_id}`}>
        Set {source.set_id}
      </Link>
      {source.tenant_id === tenant_id ? null : ` of ${source.tenant_name}`},{" "}
      <AbsoluteTime at={source.set_created_at} />
    </>
  );
}

function RestoreLink({ base, id }: { base: string; id: number }) {
  return (
    <Link className="tp-link" href={`${base}/restores/${id}`}>
      Restore {id}
    </Link>
  );
}

function person(name: string, at: string): ReactNode {
  return (
    <>
      {name}, <AbsoluteTime at={at} />
    </>
  );
}

/** What a restore created: an undo leaves it. */
function Made({ restore: { made, undo_of, tenant_id } }: { restore: RestoreDetails }) {
  return (
    <div>
      <p className={classes.note}>
        {undo_of === null
          ? "It created these. Undo leaves them, for nothing is ever deleted:"
          : `Restore ${undo_of} created these. They stay, for nothing is ever deleted; who does not want them deletes them in the portal:`}
      </p>
      <ul className={classes.made}>
        {made.map((policy) => (
          <li key={policy.graph_id}>
            <Link className="tp-link" href={policyHref(tenant_id, policy)}>
              {policy.display_name}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
