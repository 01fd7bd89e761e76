import { createGraphClient, type GraphClient } from "#lib/graph/client";
import type { GraphConnection } from "#lib/graph/connection";
import { GraphError } from "#lib/graph/errors";
import { isGuid } from "#lib/guid";
import { connectionTestSeconds } from "#lib/limits";
import type { NameKind, UnresolvedReason } from "#lib/names/names";
import { permissionForNames } from "#lib/names/permissions";
import { resolveNames } from "#lib/names/resolve";
import { catalog } from "#lib/policies/catalog";
import { missingPermissions } from "#lib/policies/granted";
import type { PolicyType } from "#lib/policies/policy-type";
import { referenceWord } from "#lib/policies/write/reference-words";
import { isWellKnown } from "#lib/policies/write/well-known";
import type { ReferenceKind } from "#lib/policies/write/write-rule";
import { nameProperty } from "./guards.ts";
import { kindsOf } from "./mapping.ts";

/** Whether a tenant has what somebody decided that a reference stands for. */
export type TargetAnswer =
  | { kind: "there"; name: string | null }
  | { kind: "absent"; message: string }
  /** Nobody could look. */
  | { kind: "unasked"; why: string };

/** Kinds that ids are given names of; the rest is looked for in the lists of its types. */
const named: Partial<Record<string, { names: NameKind; isGuid: boolean }>> = {
  group: { names: "group", isGuid: true },
  user: { names: "user", isGuid: true },
  application: { names: "application", isGuid: true },
  servicePrincipal: { names: "servicePrincipal", isGuid: true },
  app: { names: "mobileApp", isGuid: true },
  directoryRole: { names: "directoryRole", isGuid: true },
  assignmentFilter: { names: "assignmentFilter", isGuid: false },
  scopeTag: { names: "roleScopeTag", isGuid: false },
  namedLocation: { names: "namedLocation", isGuid: false },
  notificationTemplate: { names: "notificationMessageTemplate", isGuid: false },
};

/** An id as Graph writes it: what is pasted in capitals is the same object. */
export function targetIdOf(entered: string): string {
  return isGuid(entered) ? entered.toLowerCase() : entered;
}

/**
 * Looks up in the tenant that is written to what a reference shall stand for, as far as the connection that reads may.
 * @param connection that reads; or why there is none
 * @param kind of the reference
 * @param id of {@link targetIdOf}
 */
export async function lookUpTarget(
  connection: GraphConnection | GraphError,
  kind: string,
  id: string,
): Promise<TargetAnswer> {
  const known = named[kind];
  if (kind !== "directoryRole" && isWellKnown(kind as ReferenceKind, id))
    return { kind: "there", name: null };
  if (known?.isGuid && !isGuid(id))
    return {
      kind: "absent",
      message: `is no object id of ${article(referenceWord(kind))}: copy the id from Microsoft's portal`,
    };
  if (connection instanceof GraphError) return { kind: "unasked", why: connection.message };
  const client = createGraphClient(connection, {
    signal: AbortSignal.timeout(connectionTestSeconds * 1_000),
  });
  if (known) {
    const { names, unresolved } = await resolveNames(client, { [known.names]: [id] });
    const found = names[known.names]?.[id];
    if (found) return found.name === null ? absent(referenceWord(kind)) : { kind: "there", name: found.name };
    return { kind: "unasked", why: whyUnasked(unresolved[known.names], permissionForNames(known.names)) };
  }
  const types =
    kind === "policy" ? [] : catalog.filter(({ key }) => kindsOf(key).some((each) => each === kind));
  return inLists(client, types, id);
}

/** Looks through the lists of some types. It is absent only where all of them were read. */
async function inLists(client: GraphClient, types: readonly PolicyType[], id: string): Promise<TargetAnswer> {
  const [first] = types;
  if (!first) return { kind: "unasked", why: "Objects of this kind cannot be looked up." };
  try {
    const keys = types.map(({ key }) => key);
    const lacking = missingPermissions(await client.roles(), keys).find(({ granted }) => !granted);
    if (lacking) return { kind: "unasked", why: whyUnasked("PERMISSION_MISSING", lacking.permission) };
    for (const type of types) {
      const path = type.listQuery ? `${type.path}?${type.listQuery}` : type.path;
      const objects = await client.collection(path, type.version);
      const found = objects.find((object) => object[type.idProperty] === id);
      if (!found) continue;
      const name = found[nameProperty(type, found)];
      return { kind: "there", name: typeof name === "string" ? name : null };
    }
    return absent("object of this kind");
  } catch (error) {
    return {
      kind: "unasked",
      why: whyUnasked(error instanceof GraphError ? error.code : "TIME_LIMIT", null),
    };
  }
}

function absent(word: string): TargetAnswer {
  return {
    kind: "absent",
    message: `names no ${word} of this tenant: look for it in Microsoft's portal and copy its id, or choose another`,
  };
}

function article(word: string): string {
  return /^[aeio]/.test(word) ? `an ${word}` : `a ${word}`;
}

function whyUnasked(reason: UnresolvedReason | undefined, permission: string | null): string {
  if (reason === "PERMISSION_MISSING")
    return permission === null
      ? "The connection may not read it."
      : `The connection may not read it: grant ${permission}.`;
  if (reason === "AUTH_CONFIG" || reason === "TOKEN_EXPIRED") return "The connection could not sign in.";
  return "Microsoft Graph did not answer.";
}
