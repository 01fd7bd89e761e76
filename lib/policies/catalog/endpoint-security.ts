import type { PolicyType } from "../policy-type.ts";
import { assignments, DM, entries, permissions } from "./entry.ts";
import { settingsCatalog, templateFamily } from "./settings-catalog.ts";

export const endpointSecurity: readonly PolicyType[] = entries("policy", "Endpoint security", [
  {
    key: "endpointSecurityPolicy",
    label: "Endpoint security policies",
    ...settingsCatalog,
    selectors: [{ property: templateFamily, startsWith: "endpointSecurity" }],
  },
  {
    key: "securityBaselinePolicy",
    label: "Security baselines",
    ...settingsCatalog,
    selectors: [{ property: templateFamily, equals: ["baseline"] }],
  },
  {
    key: "endpointSecurityIntent",
    label: "Endpoint security intents (legacy)",
    path: `${DM}/intents`,
    declares: "deviceManagementIntent",
    permission: permissions.configuration,
    // The settings twice: by category as Graph groups them, and flat as the restore action takes them.
    children: [{ key: "categories", children: [{ key: "settings" }] }, { key: "settings" }, assignments],
    exportFolder: "EndpointSecurity",
  },
]);
