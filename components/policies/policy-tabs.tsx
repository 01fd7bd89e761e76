import { LinkTabs } from "../navigation/link-tabs.tsx";

/** The two ways to find policies. */
export function PolicyTabs({ tenantId, current }: { tenantId: number; current: "names" | "contents" }) {
  const path = `/tenants/${tenantId}/policies`;
  return (
    <LinkTabs
      label="Policies"
      current={current}
      tabs={[
        { key: "names", href: path, label: "By name" },
        { key: "contents", href: `${path}/contents`, label: "Search in contents" },
      ]}
    />
  );
}
