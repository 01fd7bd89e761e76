import type { Metadata } from "next";
import type { CSSProperties } from "react";
import { openItem } from "#app/tenants/[tenantId]/backup-sets/open-item";
import { RouteModal } from "#components/feedback/dialogs/route-modal";

export const metadata: Metadata = { title: "Stored policy" };

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
