import type { Role } from "#lib/access/permissions";

/** The claims of Entra's token that a role can follow, and what people call them. */
export const ruleClaims = { roles: "App role", groups: "Group" } as const;

export type RuleClaim = keyof typeof ruleClaims;

/** Whoever has `value` in `claim` has a role in the tenant. */
export interface RoleRule {
  id: number;
  claim: RuleClaim;
  /** The value of an app role, or the object id of a group. */
  value: string;
  role: Role;
}
