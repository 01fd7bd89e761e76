import type { Group, Kind } from "./kind.ts";

const GROUP_NAMES = [
  "All staff",
  "Pilot ring",
  "Finance",
  "Shop floor",
  "Executives",
  "Contractors",
  "Kiosk devices",
  "Field service",
] as const;

const GROUP: Kind = {
  type: "group",
  props(making) {
    const random = making.random("group");
    const dynamic = random.chance(0.3);
    return {
      createdDateTime: random.dateTime(),
      displayName: `${random.pick(GROUP_NAMES)} ${making.ordinal + 1}`,
      description: null,
      groupTypes: dynamic ? ["DynamicMembership"] : [],
      mailEnabled: false,
      mailNickname: random.hex(8),
      membershipRule: dynamic ? `(user.department -eq "D${random.int(1, 40)}")` : null,
      membershipRuleProcessingState: dynamic ? "On" : null,
      securityEnabled: true,
    };
  },
};

const FIRST_NAMES = ["Marta", "Jonas", "Chloé", "Ravi", "Ağça", "Nadia", "Wei", "Tom"] as const;
const LAST_NAMES = ["Keller", "Brandt", "Dupont", "Iyer", "Yıldız", "Novak", "Zhang", "O'Brien"] as const;

const USER: Kind = {
  type: "user",
  props(making) {
    const random = making.random("user");
    return {
      displayName: `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`,
      userPrincipalName: `user${making.ordinal + 1}@contoso.example`,
      mail: null,
      jobTitle: null,
    };
  },
};

/** Microsoft's own, under the ids that they have in every tenant. */
const FIRST_PARTY: readonly (readonly [string, string])[] = [
  ["00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online"],
  ["00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online"],
  ["00000003-0000-0000-c000-000000000000", "Microsoft Graph"],
  ["0000000a-0000-0000-c000-000000000000", "Microsoft Intune"],
  ["d4ebce55-015a-49b5-a083-c84d1797ae8c", "Microsoft Intune Enrollment"],
];

const SERVICE_PRINCIPAL: Kind = {
  type: "servicePrincipal",
  props(making) {
    const random = making.random("application");
    const [appId, displayName] = FIRST_PARTY[making.ordinal] ?? [
      random.guid(),
      `Line of business ${making.ordinal + 1}`,
    ];
    return {
      accountEnabled: true,
      appId,
      displayName,
      appDisplayName: displayName,
      servicePrincipalType: "Application",
      tags: [],
    };
  },
};

/** Role templates have the same ids everywhere. */
const ROLES: readonly (readonly [string, string])[] = [
  ["62e90394-69f5-4237-9190-012177145e10", "Global Administrator"],
  ["f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader"],
  ["3a2c62db-5318-420d-8d74-23affee5d9d5", "Intune Administrator"],
  ["b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", "Conditional Access Administrator"],
  ["194ae4cb-b126-40b2-bd5b-6091b380977d", "Security Administrator"],
  ["5d6b6bb7-de71-4623-b4af-96380a352509", "Security Reader"],
  ["29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange Administrator"],
  ["f28a1f50-f6e7-4571-818b-6a12f2af6b6c", "SharePoint Administrator"],
  ["69091246-20e8-4a56-aa4d-066075b2a7a8", "Teams Administrator"],
  ["fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"],
  ["729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator"],
  ["e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator"],
  ["7be44c8a-adaf-4e2a-84d6-ab2649e08a13", "Privileged Authentication Administrator"],
  ["c4e39bd9-1100-46d3-8c65-fb160da0071f", "Authentication Administrator"],
  ["9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator"],
  ["158c047a-c907-4556-b7ef-446551a6b5f7", "Cloud Application Administrator"],
  ["b0f54661-2d74-4c50-afa3-1ec803f12efe", "Billing Administrator"],
  ["fdd7a751-b60b-444a-984c-02652fe8fa1c", "Groups Administrator"],
  ["17315797-102d-40b4-93e0-432062caca18", "Compliance Administrator"],
  ["88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "Directory Readers"],
  ["10dae51f-b6af-4016-8d66-8c2a99b929b3", "Guest User"],
  ["2af84b1e-32c8-42b7-82bc-daa82404023b", "Restricted Guest User"],
];

/** Ids that conditional access names as roles. */
export const roleTemplateIds = ROLES.map(([id]) => id);

const ROLE_TEMPLATE: Kind = {
  type: "directoryRoleTemplate",
  props: ({ ordinal }) => ({
    deletedDateTime: null,
    displayName: ROLES[ordinal]?.[1] ?? "Role",
    description: "Built-in role of Entra.",
  }),
};

/** What policies name by id: not configuration, and the same number in tenants of any size. */
export const directoryGroups: readonly Group[] = [
  { collection: "groups", foundation: () => 60, kinds: [GROUP] },
  { collection: "users", foundation: () => 24, kinds: [USER] },
  { collection: "servicePrincipals", foundation: () => 12, kinds: [SERVICE_PRINCIPAL] },
  {
    collection: "directoryRoleTemplates",
    foundation: () => ROLES.length,
    kinds: [ROLE_TEMPLATE],
    fixedIds: roleTemplateIds,
  },
];
