import { expect, test } from "vitest";
import { sayingHash } from "./saying.ts";

test("what a document says has the hash that is stored of it: another form needs another name", () => {
  const id = "8a1f8f0e-5b9c-4f7e-8a39-1f3f6b1f0001";
  const target = {
    "@odata.type": "#microsoft.graph.groupAssignmentTarget",
    groupId: id,
    deviceAndAppManagementAssignmentFilterId: id,
    deviceAndAppManagementAssignmentFilterType: "include",
  };
  const document = {
    id,
    displayName: "Everything",
    roleScopeTagIds: ["0"],
    apps: ["b", "a"],
    empty: [],
    settings: [{ id: "0", settingInstance: { settingDefinitionId: "s", value: 1.5 } }],
    ipRanges: [{ cidrAddress: "10.0.0.0/8" }, { cidrAddress: "10.1.0.0/16" }],
    includeTargets: [
      { id, targetType: "group" },
      { id: "all_users", targetType: "group" },
    ],
    externalTenants: { membershipKind: "enumerated", members: [id] },
    relationships: [{ id }, { id, "@odata.type": "#microsoft.graph.mobileAppDependency" }],
    assignments: [
      { id: "1", intent: "required", target },
      { id: "2", intent: "available", target },
    ],
  };
  expect(sayingHash(document)).toBe("v25dc58a1a9e50703894cae81bbf9a757ce5db8b0d16747d913dc916cb9ccb0c");
});
