"use client";

import { Button, Group } from "@mantine/core";
import { ProblemAlert } from "#components/feedback/problem-alert";
import { changedFields, type ScheduleFormValues } from "./form-fields.ts";

/**
 * Says that the schedule changed meanwhile, by somebody or by itself (it was paused), and offers the two ways out.
 * Nothing is overwritten by itself.
 */
export function EditConflict({
  before,
  theirs,
  onShowTheirs,
  onKeepMine,
}: {
  /** What the edit began with. */
  before: Partial<ScheduleFormValues>;
  theirs: ScheduleFormValues;
  onShowTheirs: () => void;
  onKeepMine: () => void;
}) {
  const changed = changedFields(before, theirs);
  return (
    <ProblemAlert title="This schedule changed while you were editing" reveal>
      <p style={{ margin: "0 0 0.75rem" }}>
        Your changes are not saved yet.
        {changed.length > 0 ? ` Changed meanwhile: ${changed.join(", ")}.` : ""} Look at the new version
        first, which drops your changes, or save what you changed on top of it.
      </p>
      <Group gap="xs">
        <Button size="xs" onClick={onShowTheirs}>
          Show the new version
        </Button>
        <Button size="xs" variant="default" onClick={onKeepMine}>
          Save my changes
        </Button>
      </Group>
    </ProblemAlert>
  );
}
