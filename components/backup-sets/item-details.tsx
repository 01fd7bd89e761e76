import { Stack } from "@mantine/core";
import type { ItemContent } from "#lib/backups/items";
import { findType } from "#lib/policies/catalog";
import { Facts } from "../shell/facts.tsx";
import { JsonView } from "./json-view.tsx";

/** One stored policy: what tells it apart, and its JSON. */
export function ItemDetails({
  tenantId,
  setId,
  item,
}: {
  tenantId: number;
  setId: number;
  item: ItemContent;
}) {
  const volatile = Object.keys(item.volatile);
  return (
    <Stack gap="md">
      <Facts
        of={[
          ["Policy type", findType(item.policy_type)?.label ?? item.policy_type],
          [
            "Graph id",
            <code key="id" className="tp-mono">
              {item.graph_id}
            </code>,
          ],
          [
            "SHA-256",
            <code key="hash" className="tp-mono">
              {item.sha256}
            </code>,
          ],
        ]}
      />
      <JsonView
        json={item.json}
        downloadHref={`/api/tenants/${tenantId}/backup-sets/${setId}/items/${item.id}/content`}
        fileName={`${item.display_name.replace(/[^\p{L}\p{N} ._-]+/gu, "_")}.json`}
      />
      {volatile.length > 0 ? (
        <p className="tp-dim" style={{ margin: 0, fontSize: "var(--mantine-font-size-xs)" }}>
          Left out of the comparison, because they change without the policy changing: {volatile.join(", ")}.
        </p>
      ) : null}
    </Stack>
  );
}
