import { RouteModal } from "#components/feedback/route-modal";
import { openItem } from "../../../../../backup-sets/open-item.tsx";

interface Props {
  params: Promise<{ tenantId: string; setId: string; itemId: string }>;
}

export default async function ItemModal({ params }: Props) {
  const { item, details } = await openItem(params);
  return <RouteModal title={item.display_name}>{details}</RouteModal>;
}
