import { z } from "zod";
import {
  platformTargetCreateSchema,
  platformTargetUpdateSchema,
  rotateSecretSchema,
} from "#lib/alerts/targets-schema";
import { newTargetView, outcomeView, rotatedSecretView, targetView } from "#lib/alerts/views";
import type { AuditAction } from "#lib/audit/actions";
import { writeAuditEntries } from "#lib/audit/write";
import { type Tx, transaction } from "#lib/db/transaction";
import { testMessage } from "#lib/delivery/message";
import { sendTo } from "#lib/delivery/send";
import {
  changeTarget,
  destinationForTest,
  listTargets,
  lockTarget,
  makeTarget,
  noteTest,
  rotateSecret,
} from "#lib/delivery/target-store";
import { changeDetails } from "#lib/delivery/targets";
import { idSchema } from "#lib/ids";
import { administratorOperation, administratorOperationInSteps } from "#lib/operation";
import type { By } from "./by.ts";

// The platform's own targets hear of all tenants: that something happened, and in which, and nothing of what is in there
// (lib/delivery/load-message.ts).

/** The platform has no id. */
const owner = null;

/** The platform's targets, in the order in which they were made. */
export const listPlatformTargets = administratorOperation({
  name: "platform.list_alert_targets",
  effect: "read",
  input: z.strictObject({}),
  output: z.array(targetView),
  http: {
    method: "GET",
    path: "/platform/alert-targets",
    operationId: "listPlatformAlertTargets",
    summary: "Where alerts of all tenants go",
    description: "They carry the kind of event and the tenant's name, and nothing of what is in the tenant.",
    tag: "Platform",
    answer: "Oldest first, without addresses and secrets",
  },
  run: ({ db }) => listTargets(db, owner),
});

/** Makes a target for alerts of all tenants. @throws AppError as `createAlertTarget` */
export const createPlatformTarget = administratorOperation({
  name: "platform.create_alert_target",
  effect: "write",
  input: platformTargetCreateSchema,
  output: newTargetView,
  http: {
    method: "POST",
    path: "/platform/alert-targets",
    operationId: "createPlatformAlertTarget",
    summary: "Make a target for alerts of all tenants",
    description: "Nothing goes there before a rule says so. A webhook's signing secret is shown this once.",
    tag: "Platform",
    bodyAs: "target",
    status: 201,
    answer: "Made",
    errors: ["QUOTA_EXCEEDED"],
  },
  async run({ db, by }, { target }) {
    const made = await makeTarget(
      db,
      owner,
      target.kind === "email" ? { ...target, to_owners: false } : target,
    );
    const { name, kind, hint } = made;
    await note(db, by, "alert_target.created", made.id, { name, kind, hint });
    return made;
  },
});

/** Changes one of the platform's targets. @throws AppError as `updateAlertTarget` */
export const updatePlatformTarget = administratorOperation({
  name: "platform.update_alert_target",
  effect: "write",
  input: platformTargetUpdateSchema,
  output: targetView,
  http: {
    method: "PATCH",
    path: "/platform/alert-targets/{targetId}",
    operationId: "updatePlatformAlertTarget",
    summary: "Change a target for alerts of all tenants",
    description:
      "What is left out stays. With a new address an `authorization` has to be given again, or there is none.",
    tag: "Platform",
    answer: "As it is now",
    errors: ["EDIT_CONFLICT"],
  },
  async run({ db, by }, input) {
    const { target } = await changeTarget(db, owner, await nowOf(db), input);
    await note(db, by, "alert_target.updated", target.id, changeDetails(target, input));
    return target;
  },
});

/** Removes one of the platform's targets, with its rules and the log of what it was sent. @throws AppError NOT_FOUND */
export const removePlatformTarget = administratorOperation({
  name: "platform.remove_alert_target",
  effect: "write",
  input: z.strictObject({ target_id: idSchema }),
  output: z.void(),
  http: {
    method: "DELETE",
    path: "/platform/alert-targets/{targetId}",
    operationId: "removePlatformAlertTarget",
    summary: "Remove a target for alerts of all tenants, with its rules and its log",
    tag: "Platform",
    status: 204,
    answer: "Removed",
  },
  async run({ db, by }, { target_id }) {
    const { name, kind } = await lockTarget(db, owner, target_id);
    await db.alertTarget.delete({ where: { id: target_id } });
    await note(db, by, "alert_target.removed", target_id, { name, kind });
  },
});

/** Gives a webhook of the platform a new signing secret. @throws AppError as `rotateSigningSecret` */
export const rotatePlatformSecret = administratorOperation({
  name: "platform.rotate_alert_secret",
  effect: "write",
  input: rotateSecretSchema,
  output: rotatedSecretView,
  http: {
    method: "POST",
    path: "/platform/alert-targets/{targetId}/rotate-secret",
    operationId: "rotatePlatformSigningSecret",
    summary: "Give a webhook of the platform a new signing secret",
    description: "Until the end of the overlap each message has a signature by either.",
    tag: "Platform",
    answer: "The new secret, shown this once",
    errors: ["CONFLICT"],
  },
  async run({ db, by }, input) {
    const { name, ...rotated } = await rotateSecret(db, owner, await nowOf(db), input);
    const { previous_until } = rotated;
    await note(db, by, "alert_target.secret_rotated", input.target_id, { name, previous_until });
    return rotated;
  },
});

/** Sends a test to one of the platform's targets now: between two transactions. @throws AppError NOT_FOUND; CONFLICT */
export const testPlatformTarget = administratorOperationInSteps({
  name: "platform.test_alert_target",
  input: z.strictObject({ target_id: idSchema }),
  output: outcomeView,
  http: {
    method: "POST",
    path: "/platform/alert-targets/{targetId}/test",
    operationId: "testPlatformAlertTarget",
    summary: "Send a test to a target for alerts of all tenants",
    tag: "Platform",
    answer: "What the receiver answered; ok is false when it took nothing",
    errors: ["CONFLICT"],
  },
  async run({ target_id }, by) {
    const destination = await transaction({ as: "identity" }, (db) =>
      destinationForTest(db, owner, target_id),
    );
    const { retry_after: _later, ...outcome } = await sendTo(destination, testMessage(null, new Date()));
    await transaction({ as: "identity" }, async (db) => {
      const { ok, status } = outcome;
      const name = await noteTest(db, owner, await nowOf(db), { target_id, ok });
      await note(db, by, "alert_target.tested", target_id, { name, ok, status });
    });
    return outcome;
  },
});

/** The database's clock. */
export async function nowOf(db: Tx): Promise<Date> {
  const [row] = await db.$queryRaw<{ now: Date }[]>`SELECT now() AS now`;
  if (!row) throw new Error("A statement without a condition returned no row");
  return row.now;
}

/** In the platform's log. */
export async function note(
  db: Tx,
  by: By,
  action: Extract<AuditAction, `alert_target.${string}` | `alert_rule.${string}` | "alert.redelivered">,
  targetId: number,
  details: Record<string, unknown>,
): Promise<void> {
  await writeAuditEntries(db, null, by, [
    { action, target: { kind: "alert_target", id: targetId }, details },
  ]);
}
