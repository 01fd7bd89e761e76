import type { Tone } from "#components/ui/badge";
import { CopyText } from "#components/ui/copy-button";
import type { RunSummary } from "#lib/capture/summary";
import { findType } from "#lib/policies/catalog";
import { type RunErrorCode, runErrors } from "#lib/run-error-codes";
import { ErrorCodeLink } from "../error-code-link.tsx";
import classes from "./run-error-help.module.css";

/** What went wrong in a run: each code once, with its meaning, what to do, and where it was met. */
export function RunErrorHelp({ groups, tone }: { groups: readonly RunErrorGroup[]; tone: Tone }) {
  return (
    <div className={classes.root}>
      {groups.map((group) => (
        <OneError key={group.code} group={group} tone={tone} />
      ))}
    </div>
  );
}

function OneError({ group, tone }: { group: RunErrorGroup; tone: Tone }) {
  const help = runErrors[group.code];
  return (
    <section className={classes.error} data-tone={tone} aria-label={help.title}>
      <div className={classes.head}>
        <h2 className={classes.title}>{help.title}</h2>
        <ErrorCodeLink code={group.code} />
      </div>
      <p>{group.message ?? help.meaning}</p>
      {group.message && !group.message.includes(help.meaning) ? <p>{help.meaning}</p> : null}
      <p>
        <strong>What to do:</strong> {help.remedy}
      </p>
      {group.types.length > 0 ? (
        <ul className={classes.types}>
          {group.types.map((type) => (
            <li key={type.key}>
              <strong>{type.label}</strong>
              {type.message ? <div>{withoutRemedy(type.message, help.remedy)}</div> : null}
              {type.request_id ? (
                <div className={classes.request}>
                  <span className="tp-dim">Graph request id</span>{" "}
                  <CopyText text={type.request_id} label={`request id of ${type.label}`} />
                </div>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

/** A type's message ends with what to do; that is said above already. */
function withoutRemedy(message: string, remedy: string): string {
  return message.endsWith(remedy) ? message.slice(0, -remedy.length).trimEnd() : message;
}

/** One error code of a run, and where it was met. */
export interface RunErrorGroup {
  code: RunErrorCode;
  /** What the run itself says, when no policy type says more. */
  message: string | null;
  types: { key: string; label: string; message: string | null; request_id: string | null }[];
}

/** The errors of an ended run by code: the run's own first, then as its policy types have them. */
export function errorGroups(run: {
  error_code: RunErrorCode | null;
  error_message: string | null;
  summary: RunSummary;
}): RunErrorGroup[] {
  const groups = new Map<RunErrorCode, RunErrorGroup>();
  const groupOf = (code: RunErrorCode) => {
    const group = groups.get(code) ?? { code, message: null, types: [] };
    groups.set(code, group);
    return group;
  };
  if (run.error_code) groupOf(run.error_code);
  for (const [key, type] of Object.entries({ ...run.summary.types, ...run.summary.foundations })) {
    if (!type.error_code) continue;
    const label = findType(key)?.label ?? key;
    groupOf(type.error_code).types.push({
      key,
      label,
      message: type.error_message,
      request_id: type.request_id,
    });
  }
  const own = run.error_code ? groups.get(run.error_code) : undefined;
  if (own && own.types.length === 0) own.message = run.error_message;
  return [...groups.values()];
}
