import type { Metadata } from "next";
import { PageHeader } from "#components/shell/page-header";
import { RelativeTime } from "#components/time/instant";
import { openItem } from "../../../open-item.tsx";

interface Props {
  params: Promise<{ tenantId: string; setId: string; itemId: string }>;
}

export const metadata: Metadata = { title: "Stored policy" };

export default async function ItemPage({ params }: Props) {
  const { item, tenantId, details } = await openItem(params);
  return (
    <>
      <PageHeader
        title={item.display_name}
        back={{ href: `/tenants/${tenantId}/backup-sets/${item.set_id}`, label: `Backup set ${item.set_id}` }}
      >
        As {item.schedule_name} captured it <RelativeTime at={item.set_created_at} />
      </PageHeader>
      {details}
    </>
  );
}
