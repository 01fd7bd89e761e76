import { Stack } from "@mantine/core";
import type { Metadata } from "next";
import { found, openTenant } from "#app/page-data.ts";
import { restoreStart } from "#app/tenants/[tenantId]/restores/restore-start.ts";
import { PolicyTimeline } from "#components/policies/policy-timeline";
import { PresenceBadge } from "#components/policies/presence-badge";
import { AbsoluteTime } from "#components/time/instant";
import { Facts } from "#components/ui/facts";
import { PageHeader } from "#components/ui/page-header";
import { Panel } from "#components/ui/panel";
import { counted } from "#lib/counted";
import { findType } from "#lib/policies/catalog";
import { getPolicyHistory } from "#lib/sets/policy-history";

interface Props {
  params: Promise<{ tenantId: string; policyType: string; graphId: string }>;
}

export const metadata: Metadata = { title: "History of a policy" };

export default async function PolicyPage({ params }: Props) {
  const { tenantId: tenantIdText, policyType, graphId } = await params;
  const { actor, tenantId, tenant } = await openTenant(tenantIdText);
  const [policy, start] = await Promise.all([
    found(
      getPolicyHistory(actor, tenantId, { policy_type: decoded(policyType), graph_id: decoded(graphId) }),
    ),
    restoreStart(actor, tenant),
  ]);
  const { timeline, versions } = policy;
  const stretches = timeline.filter((span) => span.sha256 !== null);
  const newest = stretches[0];
  const oldest = stretches.at(-1);
  return (
    <>
      <PageHeader
        title={policy.display_name}
        back={{ href: `/tenants/${tenantId}/policies`, label: "Policies" }}
        beside={<PresenceBadge isPresent={policy.is_present} />}
      >
        {findType(policy.policy_type)?.label ?? policy.policy_type}
        {policy.kind === "foundation" ? ", a foundation" : null}
      </PageHeader>
      <Stack gap="md">
        <Panel>
          <Facts
            of={[
              [
                "Versions",
                versions.length === stretches.length
                  ? versions.length
                  : `${versions.length} different, ${stretches.length} over time`,
              ],
              oldest ? ["First seen", <AbsoluteTime key="first" at={oldest.first_seen_at} />] : null,
              newest ? ["Last seen", <AbsoluteTime key="last" at={newest.last_seen_at} />] : null,
              [
                "In",
                counted(
                  versions.reduce((sum, version) => sum + version.set_count, 0),
                  "kept set",
                ),
              ],
              [
                "Graph id",
                <code key="id" className="tp-mono">
                  {policy.graph_id}
                </code>,
              ],
            ]}
          />
        </Panel>
        <Panel title="Over time">
          <PolicyTimeline policy={policy} timeline={timeline} tenantId={tenantId} start={start} />
        </Panel>
      </Stack>
    </>
  );
}

/** A path segment as it was before it was encoded; what cannot be decoded stays, and is not found. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
