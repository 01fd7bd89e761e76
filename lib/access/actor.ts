import type { Permission, SystemPermission } from "./permissions.ts";

/**
 * Who asks. Only an identity: roles are looked up by each operation in its own transaction, so a role that
 * was changed a second ago counts, whatever a session remembers.
 */
export type Actor =
  | {
      kind: "user";
      user_id: number;
      /** The session by which they ask, and the client's IP address where it is known; a script has none. */
      session?: { id: number; client: string | null };
    }
  | { kind: "token"; token_id: number; tenant_id: number }
  | { kind: "system"; name: string; permissions: readonly (SystemPermission | Permission)[] };

/** The worker's actors, each with no more than its work needs. */
export const dispatcherActor: Actor = { kind: "system", name: "dispatcher", permissions: ["dispatch:tick"] };
export const executorActor: Actor = { kind: "system", name: "executor", permissions: ["run:execute"] };
export const retentionActor: Actor = { kind: "system", name: "retention", permissions: ["retention:apply"] };
export const changeAuthorsActor: Actor = {
  kind: "system",
  name: "change authors",
  permissions: ["authors:record"],
};

/** Learns what the settings in policies are called. */
export const definitionsActor: Actor = {
  kind: "system",
  name: "definitions",
  permissions: ["definitions:learn"],
};
export const verifierActor: Actor = { kind: "system", name: "verifier", permissions: ["set:verify"] };

/** Plans restores, and writes them. */
export const restorerActor: Actor = { kind: "system", name: "restorer", permissions: ["restore:work"] };

/** Copies backup sets to where the operator keeps copies. */
export const copierActor: Actor = { kind: "system", name: "copier", permissions: ["set:export"] };

/** Moves stored credentials to a new encryption key. */
export const keyRotationActor: Actor = {
  kind: "system",
  name: "key rotation",
  permissions: ["credential:rotate"],
};

/** Has memberships follow what Entra says of a person. */
export const roleRulesActor: Actor = {
  kind: "system",
  name: "role rules",
  permissions: ["member:follow_rules"],
};

/** Finds the targets of alerts and delivers to them; mails say what changed in policies. */
export const alertsActor: Actor = {
  kind: "system",
  name: "alerts",
  permissions: ["alert:deliver", "set:view"],
};

/** Compares what was backed up with the tenant's baseline. */
export const driftActor: Actor = { kind: "system", name: "drift", permissions: ["drift:compare"] };
/** Keeps the index over the contents of snapshots. */
export const contentsActor: Actor = {
  kind: "system",
  name: "index of contents",
  permissions: ["contents:index"],
};

/** Counts for the operators of this service, over all tenants. */
export const observerActor: Actor = { kind: "system", name: "observer", permissions: ["service:observe"] };

/** Who a limit counts: each token, and each person with all of their sessions. */
export function callerKey(actor: Actor): string {
  if (actor.kind === "user") return `user:${actor.user_id}`;
  return actor.kind === "token" ? `token:${actor.token_id}` : actor.name;
}
