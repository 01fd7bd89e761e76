import { binDays } from "#lib/sets/schema";
import { AbsoluteTime } from "../time/instant.tsx";
import classes from "./removed-sets.module.css";
import { type RetentionEffect, setsWords } from "./retention-effect.ts";

const reasons = { pinned: "it is pinned", last_success: "it is the newest complete one" } as const;

/** Which backup sets other rules remove, by name, and which they spare all the same. */
export function RemovedSets({ effect, zone }: { effect: RetentionEffect; zone: string }) {
  const unnamed = effect.removed - effect.removed_first.length;
  return (
    <div className={classes.root}>
      <p>
        <strong>Saving removes {setsWords(effect.removed)}</strong>
        {effect.removed === 1 ? "; it goes" : "; they go"} to the bin and can be restored for {binDays} days:
      </p>
      <ul>
        {effect.removed_first.map((set) => (
          <li key={set.id}>
            set {set.id} of <AbsoluteTime at={set.created_at} zone={zone} />
          </li>
        ))}
        {unnamed > 0 ? <li>and {unnamed.toLocaleString("en-GB")} older</li> : null}
      </ul>
      {effect.spared_first.map((set) => (
        <p key={set.id}>
          Set {set.id} of <AbsoluteTime at={set.created_at} zone={zone} /> stays: {reasons[set.why]}.
        </p>
      ))}
    </div>
  );
}
