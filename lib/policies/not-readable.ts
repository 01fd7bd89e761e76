/** Configuration that an application cannot read, whatever it is granted. */
export interface NotReadable {
  label: string;
  /** In Graph, without version and leading slash. */
  path: string;
  why: string;
}

/**
 * What people would expect to be backed up and cannot be: Graph has a delegated permission for it, and no application
 * permission. Source: Microsoft Graph permissions reference.
 */
export const notReadable: readonly NotReadable[] = [
  {
    label: "Terms of use",
    path: "identityGovernance/termsOfUse/agreements",
    why: "Agreement.Read.All exists as a delegated permission only.",
  },
  {
    label: "Automatic enrollment (MDM and MAM user scope)",
    path: "policies/mobileDeviceManagementPolicies",
    why: "Policy.Read.All reads it as a delegated permission only; the same for policies/mobileAppManagementPolicies.",
  },
  {
    label: "Staged rollout",
    path: "policies/featureRolloutPolicies",
    why: "Policy.Read.HybridAuthentication exists as a delegated permission only.",
  },
];
