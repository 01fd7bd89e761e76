"use client";

import { Button, Group } from "@mantine/core";
import { ProblemAlert } from "../feedback/problem-alert.tsx";

/**
 * Says that what is being edited changed meanwhile, by somebody or by itself (a schedule was paused), and offers the two ways
 * out. Nothing is overwritten by itself.
 */
export function EditConflict({
  title,
  changed,
  pending,
  onShowTheirs,
  onKeepMine,
}: {
  /** "This schedule changed while you were editing". */
  title: string;
  /** What people call the fields that changed. */
  changed: readonly string[];
  /** While it is being saved. */
  pending?: boolean;
  onShowTheirs: () => void;
  onKeepMine: () => void;
}) {
  return (
    <ProblemAlert title={title} reveal>
      <p style={{ margin: "0 0 0.75rem" }}>
        Your changes are not saved yet.
        {changed.length > 0 ? ` Changed meanwhile: ${changed.join(", ")}.` : ""} Look at the new version
        first, which drops your changes, or save what you changed on top of it.
      </p>
      <Group gap="xs">
        <Button size="xs" disabled={pending ?? false} onClick={onShowTheirs}>
          Show the new version
        </Button>
        <Button size="xs" variant="default" disabled={pending ?? false} onClick={onKeepMine}>
          Save my changes
        </Button>
      </Group>
    </ProblemAlert>
  );
}
