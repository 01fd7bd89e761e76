import type { Metadata } from "next";
import { PageHeader } from "#components/shell/page-header";
import { openItem } from "../../../open-item.tsx";

interface Props {
  params: Promise<{ tenantId: string; setId: string; itemId: string }>;
}

export const metadata: Metadata = { title: "Stored policy" };

export default async function ItemPage({ params }: Props) {
  const { item, tenantId, setId, details } = await openItem(params);
  return (
    <>
      <PageHeader
        title={item.display_name}
        back={{ href: `/tenants/${tenantId}/backup-sets/${setId}`, label: `Backup set ${setId}` }}
      />
      {details}
    </>
  );
}
