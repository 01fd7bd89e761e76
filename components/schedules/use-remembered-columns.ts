"use client";

import { useLocalStorage } from "@mantine/hooks";
import type { ColumnVisibilityState } from "@tanstack/react-table";

/** The columns that a person hid in a table, remembered in their browser. */
export function useRememberedColumns(table: string) {
  return useLocalStorage<ColumnVisibilityState>({
    key: `tenantpilot-columns-${table}`,
    defaultValue: { policy_types: false, retention_keep_last: false },
  });
}
