import { HiddenWords } from "../ui/hidden-words.tsx";
import { runState, runStateLabels } from "./run-state.ts";

/**
 * Tells whoever hears a page instead of seeing it how a run goes on: in a word, when its state changes, and not with every
 * figure that moves. It has to be on the page before there is a run to tell of.
 */
export function RunStateSaid({
  run,
}: {
  run: ({ id: number } & Parameters<typeof runState>[0]) | undefined;
}) {
  return (
    <div role="status">
      <HiddenWords>{run ? `Run ${run.id}: ${runStateLabels[runState(run)]}` : null}</HiddenWords>
    </div>
  );
}
