import { familyOf } from "#lib/graph/families";
import type { Child, PolicyKind, PolicyType } from "../policy-type.ts";

/** The application permissions that several types need. Others are named where they are used. */
export const permissions = {
  configuration: "DeviceManagementConfiguration.Read.All",
  service: "DeviceManagementServiceConfig.Read.All",
  apps: "DeviceManagementApps.Read.All",
  rbac: "DeviceManagementRBAC.Read.All",
  scripts: "DeviceManagementScripts.Read.All",
  devices: "DeviceManagementManagedDevices.Read.All",
  cloudPc: "CloudPC.Read.All",
  policy: "Policy.Read.All",
  roles: "RoleManagement.Read.Directory",
  directory: "Directory.Read.All",
} as const;

export const DM = "deviceManagement";
export const AM = "deviceAppManagement";

export const assignments: Child = { key: "assignments" };

/** What an entry of the catalog must say; all else has a default. */
export type Entry = Pick<PolicyType, "key" | "label" | "path" | "permission" | "exportFolder"> &
  Partial<Omit<PolicyType, "kind" | "category" | "family">>;

/** Completes the entries of one category. Graph's beta is read unless an entry says otherwise: v1.0 knows less. */
export function entries(kind: PolicyKind, category: string, list: readonly Entry[]): PolicyType[] {
  return list.map((entry) => ({
    kind,
    category,
    since: 1,
    declares: null,
    version: "beta",
    versionReason: null,
    alsoGrantedBy: [],
    single: false,
    idProperty: "id",
    selectors: [],
    listQuery: null,
    listExpand: null,
    absentOn: [],
    license: null,
    unlicensedOn: [],
    readById: false,
    typed: null,
    selectOnly: [],
    children: [],
    volatile: [],
    secrets: [],
    writeOnly: [],
    ...entry,
    family: familyOf(entry.path),
  }));
}
