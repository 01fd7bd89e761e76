import { type Document, isDocument, without } from "./document.ts";
import type { Reason } from "./plan.ts";

/** A conditional access policy as it may be written, and what must be decided or confirmed about it. */
interface GuardedAccess {
  document: Document;
  reasons: Reason[];
  confirm: string[];
  /** The state of the backup, where it is only written in a second step. */
  laterState: string | null;
}

/**
 * Guards against locking people out: a new policy is not enabled at once, an enabled one excludes the accounts that are
 * kept for emergencies, and one that is switched on asks.
 */
export function guardAccess(
  wanted: Document,
  live: Document | null,
  { users, groups }: { users: readonly string[]; groups: readonly string[] },
): GuardedAccess {
  const conditions = isDocument(wanted.conditions) ? wanted.conditions : {};
  const who = isDocument(conditions.users) ? conditions.users : {};
  const names = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const enabled = wanted.state === "enabled";
  const reasons: Reason[] = [];
  const covered =
    groups.every((id) => names(who.excludeGroups).includes(id)) &&
    users.every((id) => names(who.excludeUsers).includes(id));
  if (enabled && !covered && !reachesNobody(who))
    reasons.push({
      code: "break_glass",
      path: "conditions/users",
      message:
        "The policy does not exclude all accounts and groups that are kept for emergencies: it could lock everybody out.",
    });
  const postponed = enabled && live === null;
  return {
    document: {
      ...wanted,
      ...(postponed && { state: "enabledForReportingButNotEnforced" }),
    },
    reasons,
    confirm:
      enabled && live !== null && live.state !== "enabled"
        ? ["It enables a policy that is not enabled now."]
        : [],
    laterState: postponed ? "enabled" : null,
  };
}

/** A policy for workloads is for no user, and Graph takes none that it could exclude. */
function reachesNobody(who: Document): boolean {
  const { includeUsers, includeGroups, includeRoles, includeGuestsOrExternalUsers } = who;
  const isEmpty = (value: unknown) => !Array.isArray(value) || value.length === 0;
  return (
    Array.isArray(includeUsers) &&
    includeUsers.length === 1 &&
    includeUsers[0] === "None" &&
    isEmpty(includeGroups) &&
    isEmpty(includeRoles) &&
    (includeGuestsOrExternalUsers ?? null) === null
  );
}

/** The policy in the one form that Graph takes: of a strength the id alone, with the operator that it needs. */
export function normalAccess(document: Document): Document {
  const grant = isDocument(document.grantControls) ? document.grantControls : null;
  const strength = grant && isDocument(grant.authenticationStrength) ? grant.authenticationStrength : null;
  const session = isDocument(document.sessionControls) ? document.sessionControls : null;
  return {
    ...document,
    ...(strength && {
      grantControls: { ...grant, operator: "AND", authenticationStrength: { id: strength.id } },
    }),
    // Graph refuses it with any value but true.
    ...(session &&
      session.disableResilienceDefaults !== true && {
        sessionControls: without(session, ["disableResilienceDefaults"]),
      }),
  };
}
