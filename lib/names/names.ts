import type { RunErrorCode } from "#lib/run-error-codes";

/**
 * What the ids in a policy may stand for. Those called like a key of the catalog are objects that a set captures itself;
 * `policy` is any object of the set, `principal` a user, group or service principal.
 */
export const nameKinds = [
  "group",
  "user",
  "application",
  "servicePrincipal",
  "principal",
  "directoryRole",
  "assignmentFilter",
  "roleScopeTag",
  "namedLocation",
  "notificationMessageTemplate",
  "mobileApp",
  "policy",
] as const;
export type NameKind = (typeof nameKinds)[number];

/** What stood behind an id when the set was made. */
export interface Name {
  /** Null: there was nothing under this id, so it was deleted, or never was. */
  name: string | null;
  /** The membership rule of a dynamic group, where the connection may read it. */
  rule?: string;
  /** Of a user. */
  user_principal_name?: string;
}

/** Names by kind and id; ids in lower case. An id that could not be asked for is left out. */
export type Names = Partial<Record<NameKind, Record<string, Name>>>;

/** Why ids of a kind have no names: a run's error code, out of time, or no object of the set. */
export type UnresolvedReason = RunErrorCode | "TIME_LIMIT" | "NOT_CAPTURED";

/** The names of a set's ids, as they are stored beside it: canonical JSON, known by its SHA-256. */
export interface NamesDocument {
  format: "tenantpilot-names";
  version: 1;
  names: Names;
  /** Kinds of which ids are left without a name, and why. */
  unresolved: Partial<Record<NameKind, UnresolvedReason>>;
}

const kindWords: Record<NameKind, string> = {
  group: "group",
  user: "user",
  application: "application",
  servicePrincipal: "service principal",
  principal: "user, group or application",
  directoryRole: "role",
  assignmentFilter: "assignment filter",
  roleScopeTag: "scope tag",
  namedLocation: "named location",
  notificationMessageTemplate: "notification template",
  mobileApp: "app",
  policy: "policy",
};

/** `group`, `scope tag`: a kind in words. */
export function kindWord(kind: NameKind): string {
  return kindWords[kind];
}

/** `deleted or unknown group`: what is said of an id behind which there is nothing. */
export function goneWord(kind: NameKind): string {
  return `deleted or unknown ${kindWords[kind]}`;
}
