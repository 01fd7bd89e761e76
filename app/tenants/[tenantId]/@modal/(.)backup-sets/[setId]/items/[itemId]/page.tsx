import type { CSSProperties } from "react";
import { RouteModal } from "#components/feedback/route-modal";
import { openItem } from "../../../../../backup-sets/open-item.tsx";

interface Props {
  params: Promise<{ tenantId: string; setId: string; itemId: string }>;
}

/** Where the bar above the JSON stays: below the modal's own title, which stays too. */
const belowTitle = { "--json-bar-top": "3.75rem" } as CSSProperties;

export default async function ItemModal({ params }: Props) {
  const { item, details } = await openItem(params);
  return (
    <RouteModal title={item.display_name}>
      <div style={belowTitle}>{details}</div>
    </RouteModal>
  );
}
