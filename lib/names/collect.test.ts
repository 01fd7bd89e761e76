import { expect, test } from "vitest";
import { mergeNames, nameOf, namesAcross, namesFor, referencesOf } from "./collect.ts";

const id = (n: number) => `${String(n).padStart(8, "0")}-1111-4111-8111-111111111111`;

test("the ids of assignments, filters, tags and templates are collected, each once, in lower case", () => {
  const policy = {
    id: id(99),
    displayName: id(98),
    roleScopeTagIds: ["0", "7"],
    assignments: [
      {
        target: {
          "@odata.type": "#microsoft.graph.groupAssignmentTarget",
          groupId: id(2),
          deviceAndAppManagementAssignmentFilterId: id(3),
        },
      },
      { target: { groupId: id(1) } },
      { target: { groupId: id(2), deviceAndAppManagementAssignmentFilterId: null } },
      // All users and all devices are no groups.
      { target: { groupId: "acacacac-9df4-4c7d-9d50-4ef0226f57a9" } },
      { target: { groupId: "ADADADAD-808e-44e2-905a-0b7873a8a531" } },
    ],
    scheduledActionsForRule: [
      {
        scheduledActionConfigurations: [
          {
            notificationTemplateId: "00000000-0000-0000-0000-000000000000",
            notificationMessageCCList: ["ABCDEF00-1111-4111-8111-111111111111"],
          },
          { notificationTemplateId: id(4), notificationMessageCCList: [] },
        ],
      },
    ],
  };
  expect(referencesOf(policy)).toEqual({
    group: [id(1), id(2), "abcdef00-1111-4111-8111-111111111111"],
    assignmentFilter: [id(3)],
    roleScopeTag: ["0", "7"],
    notificationMessageTemplate: [id(4)],
  });
});

test("the words of conditional access are no ids", () => {
  const policy = {
    conditions: {
      users: {
        includeUsers: ["All", "GuestsOrExternalUsers", id(1)],
        excludeUsers: ["None"],
        includeGroups: [id(2)],
        excludeRoles: [id(3)],
      },
      applications: {
        includeApplications: ["Office365", id(4)],
        excludeApplications: ["MicrosoftAdminPortals"],
      },
      clientApplications: { includeServicePrincipals: ["ServicePrincipalsInMyTenant", id(6)] },
      locations: { includeLocations: ["All"], excludeLocations: ["AllTrusted", id(5)] },
    },
  };
  expect(referencesOf(policy)).toEqual({
    user: [id(1)],
    group: [id(2)],
    directoryRole: [id(3)],
    application: [id(4)],
    servicePrincipal: [id(6)],
    namedLocation: [id(5)],
  });
});

test("authentication methods, roles, apps and policy sets refer too", () => {
  expect(
    referencesOf({
      includeTargets: [
        { id: "all_users", targetType: "group" },
        { id: id(1), targetType: "group" },
        { id: id(2), targetType: "user" },
      ],
      roleAssignments: [{ members: [id(3)], scopeMembers: [id(4)], resourceScopes: [id(4)] }],
      selectedMobileAppIds: [id(5)],
      targetedMobileApps: [id(6)],
      items: [{ payloadId: `T_${id(7)}` }],
      guestUserRoleId: id(8),
      principalId: id(10),
      roleDefinitionId: id(11),
      targets: [{ targetType: "staticSecurityGroup", targetId: id(12) }],
    }),
  ).toEqual({
    group: [id(1), id(3), id(4), id(12)],
    user: [id(2)],
    principal: [id(10)],
    mobileApp: [id(5), id(6)],
    policy: [`t_${id(7)}`],
    directoryRole: [id(8), id(11)],
  });
});

test("partner tenants are no groups; a feature of an authentication method is for one", () => {
  const guests = (members: string[]) => ({
    guestOrExternalUserTypes: "b2bCollaborationGuest",
    externalTenants: {
      "@odata.type": "#microsoft.graph.conditionalAccessEnumeratedExternalTenants",
      membershipKind: "enumerated",
      members,
    },
  });
  expect(
    referencesOf({
      conditions: {
        users: {
          includeGuestsOrExternalUsers: guests([id(1)]),
          excludeGuestsOrExternalUsers: guests([id(2)]),
        },
      },
    }),
  ).toEqual({});
  const target = (each: string) => ({ id: each, targetType: "group" });
  expect(
    referencesOf({
      numberMatchingRequiredState: {
        includeTarget: target("all_users"),
        excludeTarget: target(id(3)),
      },
      displayLocationInformationRequiredState: {
        excludeTarget: target("00000000-0000-0000-0000-000000000000"),
      },
    }),
  ).toEqual({ group: [id(3)] });
});

const names = {
  group: { [id(1)]: { name: "Sales" }, [id(2)]: { name: null }, [id(9)]: { name: "Elsewhere" } },
  roleScopeTag: { "0": { name: "Default" } },
};

test("a document gets the names of what it refers to, and no others", () => {
  const document = { roleScopeTagIds: ["0", "5"], a: { groupId: id(1) }, b: { groupId: id(2) } };
  expect(namesFor(referencesOf(document), names)).toEqual({
    group: { [id(1)]: { name: "Sales" }, [id(2)]: { name: null } },
    roleScopeTag: { "0": { name: "Default" } },
  });
});

test("an id has its name wherever it stands; a number only where it is one", () => {
  expect(nameOf(names, "groupId", id(1).toUpperCase())).toMatchObject({ kind: "group", name: "Sales" });
  expect(nameOf(names, null, id(2))).toMatchObject({ kind: "group", name: null });
  expect(nameOf(names, "roleScopeTagIds", "0")).toMatchObject({ kind: "roleScopeTag", name: "Default" });
  expect(nameOf(names, "version", "0")).toBeNull();
  expect(nameOf(names, "groupId", id(3))).toBeNull();
  expect(nameOf({}, "groupId", "acacacac-9df4-4c7d-9d50-4ef0226f57a9")?.name).toBe("All users");
  expect(nameOf(names, "constructor", "constructor")).toBeNull();
});

test("of two sets the newer names count, but a name outlives what it named", () => {
  const merged = mergeNames(
    { group: { [id(1)]: { name: "Old name" }, [id(2)]: { name: "Gone since" } } },
    { group: { [id(1)]: { name: "New name" }, [id(2)]: { name: null } }, user: { [id(3)]: { name: null } } },
  );
  expect(merged).toEqual({
    group: { [id(1)]: { name: "New name" }, [id(2)]: { name: "Gone since" } },
    user: { [id(3)]: { name: null } },
  });
});

test("between two tenants, what has one id in all of them is called the same, and nothing else is", () => {
  const own = { application: { [id(1)]: { name: "Theirs" } }, group: { [id(2)]: { name: "Pilots" } } };
  const other = {
    application: { [id(1)]: { name: "Ours" }, [id(3)]: { name: "Payroll" } },
    directoryRole: { [id(4)]: { name: "Global Reader" } },
    group: { [id(5)]: { name: "Others" } },
  };
  const { application, directoryRole } = other;
  const either = mergeNames(own, other);
  expect(namesAcross(own, either)).toEqual({ application, directoryRole, group: own.group });
  expect(namesAcross(other, either)).toEqual(other);
  expect(namesAcross({}, {})).toEqual({});
});
