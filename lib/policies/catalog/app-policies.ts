import type { Child, PolicyType } from "../policy-type.ts";
import { entries, permissions } from "./entry.ts";

const base = { since: 2, version: "v1.0", permission: permissions.policy } as const;
/** The applications and service principals that the policy is assigned to. */
const appliesTo: Child = { key: "appliesTo", reference: true };

export const appPolicies: readonly PolicyType[] = entries("policy", "Applications and tokens", [
  {
    key: "activityBasedTimeoutPolicy",
    label: "Activity-based timeout policies",
    ...base,
    path: "policies/activityBasedTimeoutPolicies",
    declares: "activityBasedTimeoutPolicy",
    children: [appliesTo],
    exportFolder: "ActivityBasedTimeoutPolicies",
  },
  {
    key: "appManagementPolicy",
    label: "App management policies",
    ...base,
    version: "beta",
    path: "policies/appManagementPolicies",
    declares: "appManagementPolicy",
    children: [appliesTo],
    exportFolder: "AppManagementPolicies",
  },
  {
    key: "defaultAppManagementPolicy",
    label: "Default app management policy",
    ...base,
    version: "beta",
    path: "policies/defaultAppManagementPolicy",
    declares: "tenantAppManagementPolicy",
    single: true,
    exportFolder: "DefaultAppManagementPolicy",
  },
  {
    key: "claimsMappingPolicy",
    label: "Claims mapping policies",
    ...base,
    path: "policies/claimsMappingPolicies",
    declares: "claimsMappingPolicy",
    children: [appliesTo],
    exportFolder: "ClaimsMappingPolicies",
  },
  {
    key: "homeRealmDiscoveryPolicy",
    label: "Home realm discovery policies",
    ...base,
    path: "policies/homeRealmDiscoveryPolicies",
    declares: "homeRealmDiscoveryPolicy",
    children: [appliesTo],
    exportFolder: "HomeRealmDiscoveryPolicies",
  },
  {
    key: "tokenIssuancePolicy",
    label: "Token issuance policies",
    ...base,
    path: "policies/tokenIssuancePolicies",
    declares: "tokenIssuancePolicy",
    children: [appliesTo],
    exportFolder: "TokenIssuancePolicies",
  },
  {
    key: "tokenLifetimePolicy",
    label: "Token lifetime policies",
    ...base,
    path: "policies/tokenLifetimePolicies",
    declares: "tokenLifetimePolicy",
    children: [appliesTo],
    exportFolder: "TokenLifetimePolicies",
  },
  {
    key: "federatedTokenValidationPolicy",
    label: "Federated token validation policy",
    since: 2,
    version: "beta",
    permission: permissions.policy,
    path: "policies/federatedTokenValidationPolicy",
    declares: "federatedTokenValidationPolicy",
    single: true,
    absentOn: [404],
    exportFolder: "FederatedTokenValidationPolicy",
  },
]);
