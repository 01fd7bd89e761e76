"use client";

import { Checkbox, Modal, Stack } from "@mantine/core";
import { useReturnFocus } from "#components/feedback/dialogs/use-return-focus.ts";

/** Chooses a table's columns. Mount it to open it. */
export function ColumnChoice({
  columns,
  onClose,
}: {
  columns: readonly {
    id: string;
    label: string;
    visible: boolean;
    fixed: boolean;
    toggle: (visible: boolean) => void;
  }[];
  onClose: () => void;
}) {
  useReturnFocus();
  return (
    <Modal opened onClose={onClose} title="Columns" size="xs">
      <Stack gap="sm">
        {columns.map((column) => (
          <Checkbox
            key={column.id}
            label={column.label}
            checked={column.visible}
            disabled={column.fixed}
            onChange={(event) => column.toggle(event.currentTarget.checked)}
          />
        ))}
      </Stack>
    </Modal>
  );
}
