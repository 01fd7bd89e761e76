import { expect } from "vitest";
import type { PolicyType } from "#lib/policies/policy-type";
import { writingOf } from "#lib/policies/write";
import { type Document, isDocument, typeOf } from "#lib/restore/document";
import type { GraphObject } from "#sandbox/json";
import type { TenantHandle } from "#sandbox/tenant-handle";

/** A policy of a set or of a tenant, as it is captured. */
export interface Item {
  type: PolicyType;
  id: string;
  document: Document;
}

/** What a person gives for every secret that a plan asks for. */
export const SECRET = "given by a person";

const meaningful = new Set([
  "definition",
  "presentation",
  "authenticationStrength",
  "authenticationMethodConfigurations",
  "includeTargets",
  "excludeTargets",
]);

/** The document without ids, with references as `to` has them. */
function comparableForm(item: Item, to: ReadonlyMap<string, string>, prefix = ""): Record<string, unknown> {
  const walk = (value: unknown, parent: string): unknown => {
    if (typeof value === "string") return to.get(value) ?? value;
    if (Array.isArray(value)) return value.map((one) => walk(one, parent));
    if (!isDocument(value)) return value;
    // What nobody can read back; a person gave it.
    const secret =
      typeOf(value) === "deviceManagementConfigurationSecretSettingValue" ||
      ["****", SECRET].includes(String(value.value));
    if (secret) return { "@odata.type": value["@odata.type"] };
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
        // Told of each app and of what a policy set holds, by Graph alone.
        if (parent === "apps" && name === "version") return [];
        if (parent === "items" && (name === "displayName" || name === "itemType")) return [];
        if (name === "id" && !meaningful.has(parent)) return [];
        if (["createdDateTime", "isAssigned", "source", "sourceId"].includes(name)) return [];
        // None is told as null or not at all.
        if (name.startsWith("deviceAndAppManagementAssignmentFilter") && (inner === null || inner === "none"))
          return [];
        if (["isEncrypted", "secretReferenceValueId", "isReadOnly"].includes(name)) return [];
        return [[name, walk(inner, name)]];
      }),
    );
  };
  const result = walk(item.document, "") as Record<string, unknown>;
  if (Array.isArray(result.assignments)) result.assignments = sorted(result.assignments);
  for (const name of ["displayName", "name", "profileName"])
    if (prefix !== "" && typeof result[name] === "string" && result[name].startsWith(prefix))
      result[name] = result[name].slice(prefix.length);
  return result;
}

const sorted = (list: readonly unknown[]) => list.map((one) => JSON.stringify(one)).sort();

/** What a new object does not have from its backup: Graph decides it, or people set it by hand. See the rules. */
const notInNewObjects: Readonly<Record<string, readonly string[]>> = {
  deviceConfiguration: ["supportsScopeTags"],
  windowsUpdateRing: [
    "supportsScopeTags",
    "featureUpdatesPaused",
    "featureUpdatesPauseExpiryDateTime",
    "qualityUpdatesPaused",
    "qualityUpdatesPauseExpiryDateTime",
  ],
  // Older names of what stands under newer ones.
  windowsAutopilotDeploymentProfile: [
    "language",
    "enableWhiteGlove",
    "extractHardwareHash",
    "outOfBoxExperienceSettings",
  ],
  deviceEnrollmentNotificationConfiguration: ["notificationMessageTemplateId", "notificationTemplates"],
  managedDeviceAppConfiguration: ["appSupportsOemConfig"],
  mobileApp: ["categories", "relationships", "manifestHash"],
  appProtectionPolicy: ["protectedAppLockerFiles", "exemptAppLockerFiles"],
};

/** Breaks an object as somebody would who should not have: every part of it that a restore can write. */
export function broken(object: GraphObject, key: string): GraphObject {
  const next: GraphObject = { ...object };
  const change = (name: string, make: (value: never) => unknown) => {
    if (next[name] !== undefined && next[name] !== null) next[name] = make(next[name] as never) as never;
  };
  const fewer = (list: unknown[]) => list.slice(1);
  const name = key === "deviceCustomAttributeShellScript" ? "description" : "displayName";
  const fixedName = ["authenticationMethodsPolicy", "authorizationPolicy", "securityDefaultsPolicy"].includes(
    key,
  );
  if (!fixedName && object.isBuiltIn !== true) change(name, (text) => `${text} broken`);
  change("name", (text) => `${text} broken`);
  change("assignments", fewer);
  change(
    "settings",
    key === "endpointSecurityIntent"
      ? (list: GraphObject[]) => list.map((one) => ({ ...one, valueJson: "7", value: 7 }))
      : fewer,
  );
  if (Array.isArray(next.settings) && typeof next.settingCount === "number")
    next.settingCount = next.settings.length;
  change("definitionValues", fewer);
  change("items", fewer);
  change("apps", fewer);
  change("allowedCombinations", fewer);
  change("combinationConfigurations", () => []);
  change("localizedNotificationMessages", (list: GraphObject[]) =>
    list.map((one) => ({ ...one, subject: "broken" })),
  );
  change("scheduledActionsForRule", (list: GraphObject[]) =>
    list.map((one) => ({
      ...one,
      scheduledActionConfigurations: [{ id: "x", actionType: "block", gracePeriodHours: 99 }],
    })),
  );
  change("authenticationMethodConfigurations", (list: GraphObject[]) =>
    list.map((one) => ({ ...one, state: "disabled" })),
  );
  change("roleAssignments", (list: GraphObject[]) => list.map((one) => ({ ...one, description: "broken" })));
  change("allowInvitesFrom", () => "adminsGuestInvitersAndAllMembers");
  change("priority", (priority: number) => (priority === 0 ? 0 : priority + 10));
  if (key === "securityDefaultsPolicy") next.isEnabled = true;
  // What the live object has and the backup lacks is put back as well.
  if (key === "deviceConfiguration" && "omaSettings" in next === false) next.description = "broken";
  return next;
}

/** Microsoft's own, which nobody can break. */
export function isBuiltIn({ document, type }: Item): boolean {
  return (document.isBuiltIn === true && type.key !== "roleDefinition") || document.policyType === "builtIn";
}

/** What somebody could delete, and nothing else would change: what others refer to is proved in another tenant. */
export function deletable(items: readonly Item[]): Set<Item> {
  const texts = items.map(({ document }) => JSON.stringify(document));
  return new Set(
    items.filter((item) => {
      const rule = writingOf(item.type.key);
      if ("cannot" in rule || "never" in rule.create || item.document.isDefaultProfile === true) return false;
      if (!["policy", "conditionalAccess", "policySet"].includes(rule.stage)) return false;
      return items.every((other, at) => other === item || !texts[at]?.includes(item.id));
    }),
  );
}

/** The generated tenant in a state that Graph would have it in. */
export function settle(tenant: TenantHandle): void {
  const enrollment = "deviceManagement/deviceEnrollmentConfigurations";
  let priority = 1;
  for (const { id, object } of [...tenant.objects(enrollment)])
    tenant.put(enrollment, { ...object, id, priority: priority++ });
  // In a tenant of this size the generator makes Microsoft's own alone.
  tenant.put("policies/authenticationStrengthPolicies", {
    "@odata.type": "#microsoft.graph.authenticationStrengthPolicy",
    id: "7a7a7a7a-0000-4000-8000-000000000001",
    displayName: "Keys",
    description: "Own strength",
    policyType: "custom",
    requirementsSatisfied: "mfa",
    allowedCombinations: ["windowsHelloForBusiness", "fido2"],
    combinationConfigurations: [
      {
        "@odata.type": "#microsoft.graph.fido2CombinationConfiguration",
        id: "7a7a7a7a-0000-4000-8000-000000000002",
        appliesToCombinations: ["fido2"],
        allowedAAGUIDs: ["7a7a7a7a-0000-4000-8000-000000000003"],
      },
    ],
  });
  const defaults = "policies/identitySecurityDefaultsEnforcementPolicy";
  for (const { id, object } of [...tenant.objects(defaults)])
    tenant.put(defaults, { ...object, id, isEnabled: false });
}

/** Holds what was restored against the backup: the same but for ids, and for what a new object cannot have. */
export function compare(
  backup: readonly Item[],
  after: readonly Item[],
  /** New ids, by what the item was. */
  ids: ReadonlyMap<Item, string>,
  isNew: (item: Item) => boolean,
  prefix = "",
  /** Ids of the tenant that was written to, by those of the backup. */
  elsewhere: ReadonlyMap<string, string> = new Map(),
): void {
  const to = new Map(elsewhere);
  // Copies refer to the originals.
  if (prefix === "") for (const [item, id] of ids) if (!/^\d+$/.test(item.id)) to.set(item.id, id);
  const faults: string[] = [];
  for (const item of backup) {
    const id = ids.get(item) ?? item.id;
    const found = after.find((one) => one.type.key === item.type.key && (one.id === id || item.type.single));
    if (!found) {
      faults.push(`${item.type.key} ${item.id}: gone`);
      continue;
    }
    const left = comparableForm(item, to);
    const right = comparableForm(found, new Map(), prefix);
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
      if (isNew(item) && notInNewObjects[item.type.key]?.includes(name)) continue;
      // A copy leaves its original the priority.
      if (prefix !== "" && name === "priority") continue;
      const [was, is] = [JSON.stringify(left[name]), JSON.stringify(right[name])];
      // Graph keeps it to itself; the sandbox shows what was given.
      if (left[name] === null && right[name] === SECRET) continue;
      if (was !== is)
        faults.push(
          `${item.type.key} ${typeOf(item.document)} ${name}: ${was?.slice(0, 300)} / ${is?.slice(0, 300)}`,
        );
    }
  }
  expect(faults).toEqual([]);
}
