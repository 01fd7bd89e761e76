/** A path with those query parameters that have a value. */
export function hrefOf(path: string, params: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** The page of a policy's history. */
export function policyHref(tenantId: number, policy: { policy_type: string; graph_id: string }): string {
  return `/tenants/${tenantId}/policies/${encodeURIComponent(policy.policy_type)}/${encodeURIComponent(policy.graph_id)}`;
}
