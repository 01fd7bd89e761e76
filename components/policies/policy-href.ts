/** The page of a policy's history. */
export function policyHref(tenantId: number, policy: { policy_type: string; graph_id: string }): string {
  return `/tenants/${tenantId}/policies/${encodeURIComponent(policy.policy_type)}/${encodeURIComponent(policy.graph_id)}`;
}
