import { LinkTabs } from "../navigation/link-tabs.tsx";

/** The two places where backup sets are, each with how many. */
export function SetTabs({
  current,
  tabs,
}: {
  current: "kept" | "bin";
  tabs: Record<"kept" | "bin", { href: string; count: number }>;
}) {
  return (
    <LinkTabs
      label="Backup sets"
      current={current}
      tabs={[
        { key: "kept", label: "Kept", ...tabs.kept },
        { key: "bin", label: "Bin", ...tabs.bin },
      ]}
    />
  );
}
