import type { ReferenceKind } from "./write-rule.ts";

const words: Record<ReferenceKind, string> = {
  app: "app",
  appCategory: "app category",
  application: "application",
  assignmentFilter: "assignment filter",
  authenticationContext: "authentication context",
  authenticationStrength: "authentication strength",
  collection: "Configuration Manager collection",
  complianceScript: "compliance script",
  deviceConfiguration: "device configuration",
  directoryRole: "directory role",
  group: "group",
  namedLocation: "named location",
  notificationTemplate: "notification template",
  policy: "policy",
  reusableSetting: "reusable setting",
  scopeTag: "scope tag",
  servicePrincipal: "service principal",
  termsOfUse: "terms of use",
  user: "user",
};

/** What people call a kind of reference, within a sentence; one that is not known as it comes. */
export function referenceWord(kind: string): string {
  return Object.hasOwn(words, kind) ? words[kind as ReferenceKind] : kind;
}
