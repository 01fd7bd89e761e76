"use client";

import { Button, Group } from "@mantine/core";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { changedFields, type ScheduleFormValues } from "./form-fields.ts";

/** Tells of an edit that someone else saved meanwhile, and offers the two ways out. Nothing is overwritten by itself. */
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
    <ProblemAlert title="Someone else changed this schedule while you were editing" reveal>
      <p style={{ margin: "0 0 0.75rem" }}>
        Your changes are not saved yet, and theirs are not lost.
        {changed.length > 0 ? ` They changed: ${changed.join(", ")}.` : ""} Look at their version first, which
        drops your changes, or replace it with yours.
      </p>
      <Group gap="xs">
        <Button size="xs" onClick={onShowTheirs}>
          Show their version
        </Button>
        <Button size="xs" variant="default" onClick={onKeepMine}>
          Replace it with mine
        </Button>
      </Group>
    </ProblemAlert>
  );
}
