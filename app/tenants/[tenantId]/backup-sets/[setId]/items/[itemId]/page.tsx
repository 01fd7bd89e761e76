import type { Metadata } from "next";
import { openItem } from "#app/tenants/[tenantId]/backup-sets/open-item";
import { RelativeTime } from "#components/time/instant";
import { PageHeader } from "#components/ui/page-header";

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
        Captured <RelativeTime at={item.set_created_at} /> by {item.schedule_name}
      </PageHeader>
      {details}
    </>
  );
}
