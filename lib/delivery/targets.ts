import { z } from "zod";
import { raiseAlerts } from "#lib/alerts/raise";
import { rotateSecretSchema, targetCreateSchema, targetUpdateSchema } from "#lib/alerts/targets-schema";
import { newTargetView, outcomeView, rotatedSecretView, targetView } from "#lib/alerts/views";
import { idSchema } from "#lib/ids";
import { operation, operationInSteps } from "#lib/operation";
import { testMessage } from "./message.ts";
import { type Destination, type Outcome, sendTo } from "./send.ts";
import {
  changeTarget,
  destinationForTest,
  listTargets,
  lockTarget,
  makeTarget,
  noteTest,
  rotateSecret,
} from "./target-store.ts";

/** The tenant's targets, in the order in which they were made. */
export const listAlertTargets = operation({
  name: "alert_target.list",
  permission: "alert:manage",
  effect: "read",
  input: z.strictObject({}),
  output: z.array(targetView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/alert-targets",
    operationId: "listAlertTargets",
    summary: "Where alerts go",
    tag: "Alerts",
    answer: "Oldest first, without addresses and secrets",
  },
  async run({ db, tenant }) {
    return listTargets(db, tenant.id);
  },
});

/**
 * Makes a target. Nothing is sent to it before a rule says so.
 * @throws AppError VALIDATION_FAILED at `target.url` for an address that alerts do not go to; QUOTA_EXCEEDED
 */
export const createAlertTarget = operation({
  name: "alert_target.create",
  permission: "alert:manage",
  effect: "write",
  input: targetCreateSchema,
  output: newTargetView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/alert-targets",
    operationId: "createAlertTarget",
    summary: "Make a target of alerts",
    description: "Nothing goes there before a rule says so. A webhook's signing secret is shown this once.",
    tag: "Alerts",
    bodyAs: "target",
    status: 201,
    answer: "Made",
    errors: ["QUOTA_EXCEEDED"],
  },
  async run({ db, tenant, audit }, { target }) {
    const made = await makeTarget(db, tenant.id, target);
    audit({
      action: "alert_target.created",
      target: { kind: "alert_target", id: made.id },
      details: { name: made.name, kind: made.kind, hint: made.hint },
    });
    return made;
  },
});

/**
 * Changes a target. Enabled again, it begins anew: what failed before does not count.
 * @throws AppError NOT_FOUND; VALIDATION_FAILED for what its kind does not have, or an address that alerts do not go to;
 *   EDIT_CONFLICT when it was changed after `updated_at`
 */
export const updateAlertTarget = operation({
  name: "alert_target.update",
  permission: "alert:manage",
  effect: "write",
  input: targetUpdateSchema,
  output: targetView,
  http: {
    method: "PATCH",
    path: "/tenants/{tenantId}/alert-targets/{targetId}",
    operationId: "updateAlertTarget",
    summary: "Change a target of alerts",
    description:
      "What is left out stays. With a new address an `authorization` has to be given again, or there is none.",
    tag: "Alerts",
    answer: "As it is now",
    errors: ["EDIT_CONFLICT"],
  },
  async run({ db, tenant, now, audit }, input) {
    const { target, wasEnabled } = await changeTarget(db, tenant.id, now, input);
    audit({
      action: "alert_target.updated",
      target: { kind: "alert_target", id: target.id },
      details: changeDetails(target, input),
    });
    if (input.is_enabled === true && !wasEnabled) await raiseAlerts(db, [worksAgain(tenant.id, target)]);
    return target;
  },
});

/** Removes a target, with its rules and the log of what it was sent. @throws AppError NOT_FOUND */
export const removeAlertTarget = operation({
  name: "alert_target.remove",
  permission: "alert:manage",
  effect: "write",
  input: z.strictObject({ target_id: idSchema }),
  output: z.void(),
  http: {
    method: "DELETE",
    path: "/tenants/{tenantId}/alert-targets/{targetId}",
    operationId: "removeAlertTarget",
    summary: "Remove a target of alerts, with its rules and its log",
    tag: "Alerts",
    status: 204,
    answer: "Removed",
  },
  async run({ db, tenant, audit }, { target_id }) {
    const { name, kind } = await lockTarget(db, tenant.id, target_id);
    await db.alertTarget.delete({ where: { id: target_id } });
    audit({
      action: "alert_target.removed",
      target: { kind: "alert_target", id: target_id },
      details: { name, kind },
    });
    await raiseAlerts(db, [worksAgain(tenant.id, { id: target_id, name })]);
  },
});

/**
 * Gives a webhook a new signing secret. The old one signs as well for a while, so that the receiver can be changed.
 * @throws AppError NOT_FOUND; CONFLICT for a target that signs nothing, or whose secret no key opens
 */
export const rotateSigningSecret = operation({
  name: "alert_target.rotate_secret",
  permission: "alert:manage",
  effect: "write",
  input: rotateSecretSchema,
  output: rotatedSecretView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/alert-targets/{targetId}/rotate-secret",
    operationId: "rotateSigningSecret",
    summary: "Give a webhook a new signing secret",
    description: "Until the end of the overlap each message has a signature by either.",
    tag: "Alerts",
    answer: "The new secret, shown this once",
    errors: ["CONFLICT"],
  },
  async run({ db, tenant, now, audit }, { target_id, overlap_hours }) {
    const { name, ...rotated } = await rotateSecret(db, tenant.id, now, { target_id, overlap_hours });
    audit({
      action: "alert_target.secret_rotated",
      target: { kind: "alert_target", id: target_id },
      details: { name, previous_until: rotated.previous_until },
    });
    return rotated;
  },
});

const loadForTest = operation({
  name: "alert_target.load_for_test",
  permission: "alert:manage",
  effect: "read",
  input: z.strictObject({ target_id: idSchema }),
  output: z.strictObject({ destination: z.custom<Destination>() }),
  async run({ db, tenant }, { target_id }) {
    return { destination: await destinationForTest(db, tenant.id, target_id) };
  },
});

const recordTest = operation({
  name: "alert_target.record_test",
  permission: "alert:manage",
  effect: "write",
  input: z.strictObject({ target_id: idSchema, outcome: outcomeView }),
  output: z.void(),
  async run({ db, tenant, now, audit }, { target_id, outcome }) {
    const { ok, status } = outcome;
    const name = await noteTest(db, tenant.id, now, { target_id, ok });
    audit({
      action: "alert_target.tested",
      target: { kind: "alert_target", id: target_id },
      details: { name, ok, status },
    });
  },
});

/**
 * Sends a test to a target now, and says what it answered. It is sent between two transactions, never inside one.
 * @throws AppError NOT_FOUND; CONFLICT when a mail has nobody to go to, or no key opens where the target is
 */
export const testAlertTarget = operationInSteps({
  name: "alert_target.test",
  permission: "alert:manage",
  input: z.strictObject({ target_id: idSchema }),
  output: outcomeView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/alert-targets/{targetId}/test",
    operationId: "testAlertTarget",
    summary: "Send a test to a target of alerts",
    tag: "Alerts",
    answer: "What the receiver answered; ok is false when it took nothing",
    errors: ["CONFLICT"],
  },
  async run({ actor, tenant, now }, { target_id }) {
    const { destination } = await loadForTest(actor, tenant.id, { target_id });
    const { retry_after: _later, ...outcome }: Outcome = await sendTo(
      destination,
      testMessage({ id: tenant.id, name: tenant.name }, now),
    );
    await recordTest(actor, tenant.id, { target_id, outcome });
    return outcome;
  },
});

/** What the audit log says of a change: neither an address nor a secret. */
export function changeDetails(
  { name, hint }: z.infer<typeof targetView>,
  {
    target_id: _id,
    url,
    authorization: _secret,
    updated_at: _read,
    ...input
  }: z.output<typeof targetUpdateSchema>,
): Record<string, unknown> {
  return { ...input, name, hint, address_changed: url !== undefined };
}

function worksAgain(tenantId: number, { id, name }: { id: number; name: string }) {
  return {
    kind: "target.enabled" as const,
    cause: `target:${id}`,
    tenant_id: tenantId,
    title: "Alert target not disabled any more",
    body: `"${name}" was enabled again, or removed.`,
    link: `/tenants/${tenantId}/alerts`,
  };
}
