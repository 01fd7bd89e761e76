import { runErrors } from "#lib/run-error-codes";
import type { Tone } from "../ui/badge.tsx";
import { CopyText } from "../ui/copy-button.tsx";
import { ErrorCodeLink } from "./error-code-link.tsx";
import classes from "./run-error-help.module.css";
import type { RunErrorGroup } from "./run-errors.ts";

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
