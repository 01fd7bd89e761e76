/** What policies refer to by id. */
export type ReferenceKind =
  | "app"
  | "appCategory"
  | "application"
  | "assignmentFilter"
  | "authenticationContext"
  | "authenticationStrength"
  | "collection"
  | "complianceScript"
  | "deviceConfiguration"
  | "directoryRole"
  | "group"
  | "namedLocation"
  | "notificationTemplate"
  | "policy"
  | "reusableSetting"
  | "scopeTag"
  | "servicePrincipal"
  | "termsOfUse"
  | "user";

/** A place in a document that holds the id of another object, or a list of such ids. */
export interface ReferencePath {
  /** Names from the root with slashes; lists on the way are passed through, as in `assignments/target/groupId`. */
  path: string;
  kind: ReferenceKind;
  /** It takes somebody or something out of the policy's reach: left out, the policy would reach further. */
  excludes?: true;
}

/**
 * The order in which a restore writes, so that what is referred to exists first: what others refer to, the policies
 * themselves, then what only works once all of them are there.
 */
export const stages = [
  "scopeTag",
  "assignmentFilter",
  "roleDefinition",
  "notificationTemplate",
  "authenticationStrength",
  "namedLocation",
  "app",
  "reusableSetting",
  "complianceScript",
  "policy",
  "link",
  "conditionalAccess",
  "policySet",
  "assignment",
  "roleAssignment",
  "priority",
] as const;

export type Stage = (typeof stages)[number];

/** A part of a document that Graph takes through a request of its own; lib/restore has a builder for each. */
export type PartKind =
  | "authenticationMethodConfigurations"
  | "changeSettings"
  | "combinationConfigurations"
  | "enrollmentTimeDeviceMembershipTarget"
  | "links"
  | "localizedNotificationMessages"
  | "roleAssignments"
  | "scheduleActionsForRules"
  | "setPriority"
  | "setScheduledActions"
  | "targetApps"
  | "updateAllowedCombinations"
  | "updateDefinitionValues"
  | "updatePolicySet"
  | "updateSettings"
  | "windowsPrivacyAccessControls";

export interface PartRule {
  kind: PartKind;
  /** The property or child of the document that it writes. */
  of: string;
  method: "POST" | "PATCH" | "PUT";
  /** Below the object. */
  path: string;
  /** Graph makes it together with the object, from the body of the create request. */
  createdInline?: true;
}

/** How assignments are written: all at once by an action that replaces the whole list, or one by one. */
export type AssignRule =
  | {
      /** Below the object. */
      path: string;
      /** The property of the action's body that holds the list. */
      key: string;
      /** Properties of an element beside its target. */
      keep: readonly string[];
      /** Graph takes no assignment to all devices. */
      noAllDevices?: true;
      /** Graph assigns the object once this property has this value, which it gets a while after it was made. */
      once?: {
        property: string;
        is: string;
        /** What is so until then, for people; a sentence without its full stop. */
        otherwise: string;
      };
    }
  | { oneByOne: true };

/** Objects of a type that Microsoft made: what of them can be written. */
export interface BuiltInRule {
  property: string;
  /** The property's value, or for a text what it contains. */
  equals: boolean | number | string;
  contains?: true;
  allows: "update" | "assign" | "nothing";
  /** A sentence for people. */
  why: string;
}

/** Microsoft's templates that policies of a type are made from. */
export interface TemplateRule {
  /** Their collection, in beta. */
  path: string;
  /** Where a policy names its template; nested with slashes. */
  of: string;
  /** No new policy is made of a template whose property has one of these values. */
  retired: { property: string; values: readonly (boolean | string)[] };
  /** Below a template: the settings that a tenant offers of it; null: all tenants offer the same. */
  settings: string | null;
}

/** What becomes of the policies of a type that Microsoft gives up. */
export interface SuccessorRule {
  /** The collection of what they become, in beta. */
  path: string;
  /** The property that names a policy there. */
  name: string;
  /** The property of a policy that is true while it is moved. */
  moving: string;
}

/** Where deleted objects of a type are kept for a while. */
export interface DeletedRule {
  /** Their collection, in beta. The action `restore` of one brings it back as it was, under its own id. */
  path: string;
  /** Only those with one of these values are brought back; null: all. */
  only: { property: string; values: readonly string[] } | null;
}

/** How the objects of a type are written: what a restore needs to know beyond how they are read. */
export interface WriteRule {
  /** The application permissions that writing needs, all of them. */
  permissions: readonly string[];
  /** Why Graph refuses it to an application whatever it is granted; null where it does not. */
  delegatedOnly: string | null;
  stage: Stage;
  create:
    | {
        /** The type of the templates from which objects are made by an action; null: by POST to the collection. */
        from: "template" | null;
        /** Short `@odata.type`s that can be made; null: all. */
        only: readonly string[] | null;
        /** Root properties of the first request, where the rest follows by update; null: all at once. */
        first: readonly string[] | null;
      }
    /** Why never, for people. */
    | { never: string };
  update: { method: "PATCH" | "PUT" };
  /** Children sent within the object when it is made; by PUT also when it is updated. */
  inline: readonly string[];
  /** Properties that Graph sets by itself: never sent. Nested ones with slashes. */
  strip: readonly string[];
  /** Not sent with the first request, or with later ones. */
  stripOnCreate: readonly string[];
  stripOnUpdate: readonly string[];
  /** Properties with which an object is made for good: another value needs another object. */
  fixed: readonly string[];
  parts: readonly PartRule[];
  /** Null: objects of the type are not assigned. */
  assign: AssignRule | null;
  /** Null: they are made from no template. */
  templates: TemplateRule | null;
  /** Null: Microsoft keeps the type. */
  successor: SuccessorRule | null;
  /** Null: what is deleted is gone at once. */
  deleted: DeletedRule | null;
  /** Without scope tags and the targets of assignments, which are the same in every type. */
  references: readonly ReferencePath[];
  builtIn: readonly BuiltInRule[];
  /** Why a person must confirm each item of the type by itself; null: no more than others. */
  confirmation: string | null;
  /** What goes wrong with the type, and what a restore does about it; for people. */
  traps: readonly string[];
}

/** A type that is backed up and cannot be restored. */
export interface NotWritable {
  /** One plain sentence for people. */
  cannot: string;
}

/** What most rules have in common. */
const usual: Omit<WriteRule, "permissions"> = {
  delegatedOnly: null,
  stage: "policy",
  create: { from: null, only: null, first: null },
  update: { method: "PATCH" },
  inline: [],
  strip: [],
  stripOnCreate: [],
  stripOnUpdate: [],
  fixed: [],
  parts: [],
  assign: null,
  templates: null,
  successor: null,
  deleted: null,
  references: [],
  builtIn: [],
  confirmation: null,
  traps: [],
};

/** Completes a rule with what is usual. */
export function writeRule(rule: Pick<WriteRule, "permissions"> & Partial<WriteRule>): WriteRule {
  return { ...usual, ...rule };
}

/** Properties at the root that no type takes: Graph's own account of the object. */
export const neverSent: readonly string[] = [
  "id",
  "createdDateTime",
  "lastModifiedDateTime",
  "modifiedDateTime",
  "version",
  "supportsScopeTags",
  "isAssigned",
  "assignments",
];

/** Properties of the elements of children that Graph sets by itself. */
export const neverSentInChildren: readonly string[] = [
  "id",
  "createdDateTime",
  "lastModifiedDateTime",
  "modifiedDateTime",
  "version",
];

/** The application permissions that writing needs. */
export const writing = {
  configuration: "DeviceManagementConfiguration.ReadWrite.All",
  scripts: "DeviceManagementScripts.ReadWrite.All",
  apps: "DeviceManagementApps.ReadWrite.All",
  service: "DeviceManagementServiceConfig.ReadWrite.All",
  rbac: "DeviceManagementRBAC.ReadWrite.All",
  policyRead: "Policy.Read.All",
  conditionalAccess: "Policy.ReadWrite.ConditionalAccess",
  applicationRead: "Application.Read.All",
  authenticationMethod: "Policy.ReadWrite.AuthenticationMethod",
  authorization: "Policy.ReadWrite.Authorization",
  securityDefaults: "Policy.ReadWrite.SecurityDefaults",
} as const;

/** The commonest form of the assign action. */
export const assignAll: AssignRule = { path: "assign", key: "assignments", keep: [] };
