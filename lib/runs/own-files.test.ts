import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { backUpEverything } from "#lib/testing/captured";
import { withWorld } from "#lib/testing/world";

/** An object as it has to be stored. */
type Clean = Record<string, unknown> & { id: string };

const DM = "deviceManagement";
const guid = (n: number) => `c0ffee00-0000-4000-8000-${String(n).padStart(12, "0")}`;

const assignment = (policy: string, group: string) => ({
  id: `${policy}_${group}`,
  source: "direct",
  sourceId: policy,
  target: {
    "@odata.type": "#microsoft.graph.groupAssignmentTarget",
    deviceAndAppManagementAssignmentFilterId: null,
    deviceAndAppManagementAssignmentFilterType: "none",
    groupId: group,
  },
});

function catalogPolicy(id: string, name: string, templateFamily: string, settingCount: number): Clean {
  return {
    "@odata.type": "#microsoft.graph.deviceManagementConfigurationPolicy",
    id,
    name,
    description: "Zeilen\r\nmit „Umlauten“: äöü ß 財務 🏠",
    createdDateTime: "2025-05-13T10:53:01.5525948Z",
    platforms: "windows10",
    technologies: "mdm",
    roleScopeTagIds: ["0"],
    settingCount,
    templateReference: { templateId: "", templateFamily, templateDisplayName: null },
    settings: Array.from({ length: settingCount }, (_, n) => ({
      id: String(n),
      settingInstance: {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
        settingDefinitionId: `device_vendor_msft_policy_config_example_${n}`,
        settingInstanceTemplateReference: null,
        choiceSettingValue: { value: `device_vendor_msft_policy_config_example_${n}_1`, children: [] },
      },
    })),
  };
}

/** File, its encoding, the type as which it has to be captured, Graph's collection, and what is to be stored. */
const files: { file: string; encoding: Encoding; type: string; collection: string; object: Clean }[] = [
  {
    file: "SettingsCatalog/Büro – Datenschutz.json",
    encoding: "utf-8 with BOM",
    type: "settingsCatalogPolicy",
    collection: `${DM}/configurationPolicies`,
    object: {
      ...catalogPolicy(guid(1), "Büro – Datenschutz", "none", 60),
      assignments: [assignment(guid(1), guid(91)), assignment(guid(1), guid(92))],
    },
  },
  {
    file: "SettingsCatalog/Antivirus.json",
    encoding: "utf-16le",
    type: "endpointSecurityPolicy",
    collection: `${DM}/configurationPolicies`,
    object: { ...catalogPolicy(guid(2), "Antivirus", "endpointSecurityAntivirus", 26), assignments: [] },
  },
  {
    file: "SettingsCatalog/Baseline.json",
    encoding: "utf-8",
    type: "securityBaselinePolicy",
    collection: `${DM}/configurationPolicies`,
    object: { ...catalogPolicy(guid(3), "Baseline", "baseline", 1), assignments: [] },
  },
  {
    file: "CompliancePolicies/Device Health.json",
    encoding: "utf-8",
    type: "deviceCompliancePolicy",
    collection: `${DM}/deviceCompliancePolicies`,
    object: {
      "@odata.type": "#microsoft.graph.windows10CompliancePolicy",
      id: guid(4),
      createdDateTime: "2024-04-01T08:00:00Z",
      displayName: "Device Health",
      bitLockerEnabled: true,
      osMinimumVersion: null,
      validOperatingSystemBuildRanges: [],
      scheduledActionsForRule: [
        {
          id: guid(4),
          ruleName: null,
          scheduledActionConfigurations: [
            { id: guid(41), gracePeriodHours: 12, actionType: "block", notificationTemplateId: "" },
          ],
        },
      ],
      assignments: [],
    },
  },
  {
    file: "UpdatePolicies/Ring 1.json",
    encoding: "utf-16le",
    type: "windowsUpdateRing",
    collection: `${DM}/deviceConfigurations`,
    object: {
      "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration",
      id: guid(5),
      displayName: "Ring 1 – Pilot",
      qualityUpdatesDeferralPeriodInDays: 2,
      installationSchedule: {
        "@odata.type": "#microsoft.graph.windowsUpdateActiveHoursInstall",
        activeHoursStart: "08:00:00.0000000",
        activeHoursEnd: "17:00:00.0000000",
      },
      assignments: [assignment(guid(5), guid(93))],
    },
  },
  {
    file: "DeviceConfiguration/Health Monitoring.json",
    encoding: "utf-16le",
    type: "deviceConfiguration",
    collection: `${DM}/deviceConfigurations`,
    object: {
      "@odata.type": "#microsoft.graph.windowsHealthMonitoringConfiguration",
      id: guid(6),
      displayName: "Health Monitoring",
      allowDeviceHealthMonitoring: "enabled",
      assignments: [],
    },
  },
  {
    file: "DriverUpdateProfiles/Ring 2.json",
    encoding: "utf-8 with BOM",
    type: "windowsDriverUpdateProfile",
    collection: `${DM}/windowsDriverUpdateProfiles`,
    object: {
      "@odata.type": "#microsoft.graph.windowsDriverUpdateProfile",
      id: guid(7),
      displayName: "Drivers – Ring 2",
      approvalType: "automatic",
      deploymentDeferralInDays: 4,
      assignments: [],
    },
  },
];

/** What an export has beside the object: annotations on every level, actions, and what changes by itself. */
function asExported(collection: string, object: Clean): Record<string, unknown> {
  const graph = "https://graph.microsoft.com/beta";
  const own = `${graph}/${collection}('${object.id}')`;
  const { assignments, ...rest } = annotated(object) as Clean;
  const driver = collection.endsWith("DriverUpdateProfiles") ? { newUpdates: 3, deviceReporting: null } : {};
  return {
    "@odata.context": `${graph}/$metadata#${collection}(${Array.isArray(assignments) && assignments.length > 0 ? "assignments()" : ""})/$entity`,
    "@odata.id": `${collection}('${object.id}')`,
    "@odata.editLink": `${collection}('${object.id}')`,
    ...rest,
    ...driver,
    "lastModifiedDateTime@odata.type": "#DateTimeOffset",
    lastModifiedDateTime: "2026-02-03T04:05:06.789Z",
    version: 12,
    "assignments@odata.context": `${own}/assignments`,
    "assignments@odata.navigationLink": `${own}/assignments`,
    // Some tools leave empty ones out, and Graph gives them in any order.
    ...(Array.isArray(assignments) && assignments.length > 0
      ? { assignments: assignments.toReversed() }
      : {}),
    "#microsoft.graph.assign": { title: "microsoft.graph.assign", target: `${own}/microsoft.graph.assign` },
  };
}

function annotated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(annotated);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => [
      ...(Array.isArray(inner) ? [[`${key}@odata.type`, "#Collection(microsoft.graph.entity)"]] : []),
      [key, annotated(inner)],
    ]),
  );
}

type Encoding = "utf-8" | "utf-8 with BOM" | "utf-16le";

function encoded(text: string, encoding: Encoding): Buffer {
  if (encoding === "utf-16le") return Buffer.from(`\uFEFF${text}`, "utf16le");
  return Buffer.from(encoding === "utf-8" ? text : `\uFEFF${text}`, "utf8");
}

const folder = mkdtempSync(join(tmpdir(), "tenantpilot-export-"));
for (const { file, encoding, collection, object } of files) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(
    join(folder, file),
    encoded(JSON.stringify(asExported(collection, object), null, 4), encoding),
  );
}
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const world = withWorld({ dataDir: folder });

test("an export is backed up under its right types, equal to the files less annotations and volatile fields", async () => {
  expect(world.sandbox.loaded?.skipped).toEqual([]);
  const { run, items } = await backUpEverything(world);
  expect(items.map((item) => [item.policy_type, item.graph_id]).toSorted()).toEqual(
    files.map(({ type, object }) => [type, object.id]).toSorted(),
  );
  for (const { object, file } of files) {
    expect(items.find((item) => item.graph_id === object.id)?.document, file).toEqual(object);
  }
  for (const { type } of files) expect(run.summary.types?.[type]).toMatchObject({ failed: 0, listed: true });
});
