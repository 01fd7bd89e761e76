"use client";

import { Button, Group, Modal, NativeSelect, Stack } from "@mantine/core";
import { IconFileText } from "@tabler/icons-react";
import { useSearchParams } from "next/navigation";
import { useState } from "react";
import { findType } from "#lib/policies/catalog";
import type { BackupSetView } from "#lib/sets/schema";
import { useReturnFocus } from "../feedback/dialogs/use-return-focus.ts";
import { useViewerZone } from "../time/clock.tsx";
import { SinceSelect } from "./since-select.tsx";

/**
 * Asks in which form a set is documented. It is a form that the browser sends itself, so that the file is saved as it comes,
 * whatever its size. Mount it to open it.
 */
export function DocumentDialog({
  set,
  onClose,
}: {
  set: BackupSetView & { previous_set_id: number | null };
  onClose: () => void;
}) {
  useReturnFocus();
  const timezone = useViewerZone();
  // What the set's list shows stands in the page's address.
  const address = useSearchParams();
  const type = findType(address.get("type") ?? "");
  const search = (address.get("search") ?? "").trim();
  const shown = [...(type ? [type.label] : []), ...(search === "" ? [] : [`names with “${search}”`])];
  const [isWhole, setWhole] = useState(true);
  const action = `/api/tenants/${set.tenant_id}/backup-sets/${set.id}/documentation`;
  return (
    <Modal opened onClose={onClose} title={`Document backup set ${set.id}`} centered>
      <form method="get" action={action} onSubmit={() => setTimeout(onClose)}>
        <Stack gap="md">
          <p className="tp-dim" style={{ margin: 0 }}>
            Every policy in words, with its assignments, and the names that the set keeps for ids. Secrets are
            not in it.
          </p>
          <input type="hidden" name="timezone" value={timezone} />
          <NativeSelect
            label="Format"
            name="format"
            data-autofocus
            data={[
              { value: "html", label: "HTML, to read and print" },
              { value: "markdown", label: "Markdown, for a wiki" },
              { value: "csv", label: "CSV, a line a setting" },
            ]}
          />
          {shown.length === 0 ? null : (
            <NativeSelect
              label="What"
              value={isWhole ? "whole" : "shown"}
              onChange={(event) => setWhole(event.currentTarget.value === "whole")}
              data={[
                { value: "whole", label: "Everything in the set" },
                { value: "shown", label: `What the list shows: ${shown.join(", ")}` },
              ]}
            />
          )}
          {/* Left out of what is sent unless the list is meant. */}
          <input type="hidden" name="policy_type" value={type?.key ?? ""} disabled={isWhole || !type} />
          <input type="hidden" name="search" value={search} disabled={isWhole || search === ""} />
          <SinceSelect set={set} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" leftSection={<IconFileText size={16} aria-hidden />}>
              Download
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
