import { randomUUID } from "node:crypto";
import { z } from "zod";
import { testKind } from "#lib/alerts/kinds";
import { raiseAlerts } from "#lib/alerts/raise";
import { openTarget, sealTarget, type TargetSecret } from "#lib/alerts/target-secret";
import {
  signingOverlapHours,
  targetCreateSchema,
  targetKinds,
  targetUpdateFields,
} from "#lib/alerts/targets-schema";
import { newTargetView, targetView } from "#lib/alerts/views";
import type { AlertTarget } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { operation, operationInSteps } from "#lib/operation";
import { present } from "#lib/present";
import { instant } from "#lib/view-fields";
import { checkedUrl, RefusedAddress } from "./guarded-request.ts";
import type { Message } from "./message.ts";
import { recipientsOf } from "./recipients.ts";
import { type Destination, type Outcome, sendTo } from "./send.ts";
import { newSigningSecret } from "./sign.ts";

/** More would be a directory of its own. */
const mostTargets = 50;

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
    const rows = await db.alertTarget.findMany({
      where: { tenant_id: tenant.id },
      omit: { secret_ciphertext: true },
      orderBy: { id: "asc" },
    });
    return rows.map(presentTarget);
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
    await db.$queryRaw`SELECT 1 FROM tenants WHERE id = ${tenant.id} FOR NO KEY UPDATE`;
    if ((await db.alertTarget.count({ where: { tenant_id: tenant.id } })) >= mostTargets)
      throw new AppError("QUOTA_EXCEEDED", `This tenant has ${mostTargets} alert targets. Remove one.`);
    const [made] = await db.$queryRaw<{ id: number }[]>`
      SELECT nextval('alert_targets_id_seq')::int AS id`;
    if (!made) throw new Error("The target has no id");
    const { id } = made;
    const secret = secretOf(target);
    if (target.kind === "email" && target.recipients.length === 0 && !target.to_owners)
      throw fieldError("recipients", "must name at least one address, or have to_owners set");
    const row = await db.alertTarget.create({
      data: {
        id,
        tenant_id: tenant.id,
        kind: target.kind,
        name: target.name,
        secret_ciphertext: secret && sealTarget(secret, tenant.id, id),
        hint: secret ? hintOf(secret.url) : mailHint(target.kind === "email" ? target : null),
        ...(target.kind === "email" ? { recipients: target.recipients, to_owners: target.to_owners } : {}),
      },
      omit: { secret_ciphertext: true },
    });
    audit({
      action: "alert_target.created",
      target: { kind: "alert_target", id },
      details: { name: target.name, kind: target.kind, hint: row.hint },
    });
    return { ...presentTarget(row), signing_secret: secret?.signing[0]?.secret ?? null };
  },
});

/**
 * Changes a target. Enabled again, it begins anew: what failed before does not count.
 * @throws AppError NOT_FOUND; VALIDATION_FAILED for what its kind does not have, or an address that alerts do not go to
 */
export const updateAlertTarget = operation({
  name: "alert_target.update",
  permission: "alert:manage",
  effect: "write",
  input: z.strictObject({ target_id: idSchema, ...targetUpdateFields }),
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
  },
  async run({ db, tenant, now, audit }, { target_id, url, authorization, ...input }) {
    const before = await lockTarget(db, tenant.id, target_id);
    const isMail = before.kind === "email";
    const misplaced = isMail
      ? Object.entries({ url, authorization })
      : Object.entries({ recipients: input.recipients, to_owners: input.to_owners });
    const wrong = misplaced.find(([, value]) => value !== undefined);
    if (wrong) throw fieldError(wrong[0], `is nothing that a target of the kind ${before.kind} has`);
    if (authorization !== undefined && before.kind !== "webhook")
      throw fieldError("authorization", `is nothing that a target of the kind ${before.kind} has`);
    const recipients = input.recipients ?? before.recipients;
    const to_owners = input.to_owners ?? before.to_owners;
    if (isMail && recipients.length === 0 && !to_owners)
      throw fieldError("recipients", "must name at least one address, or have to_owners set");
    const moved =
      url === undefined && authorization === undefined
        ? {}
        : movedTo(before, tenant.id, { url, authorization });
    const row = await db.alertTarget.update({
      where: { id: target_id },
      data: {
        ...(input.name === undefined ? {} : { name: input.name }),
        ...(isMail ? { recipients, to_owners, hint: mailHint({ recipients, to_owners }) } : moved),
        ...(input.is_enabled === undefined
          ? {}
          : { is_enabled: input.is_enabled, disabled_reason: null, failing_since: null }),
        updated_at: now,
      },
      omit: { secret_ciphertext: true },
    });
    audit({
      action: "alert_target.updated",
      target: { kind: "alert_target", id: target_id },
      details: { name: row.name, ...input, hint: row.hint, address_changed: url !== undefined },
    });
    if (input.is_enabled === true && !before.is_enabled) await raiseAlerts(db, [worksAgain(tenant.id, row)]);
    return presentTarget(row);
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
 * @throws AppError NOT_FOUND; CONFLICT for a target that signs nothing
 */
export const rotateSigningSecret = operation({
  name: "alert_target.rotate_secret",
  permission: "alert:manage",
  effect: "write",
  input: z.strictObject({
    target_id: idSchema,
    overlap_hours: z
      .int("must be a whole number of hours")
      .min(0, "must be at least 0")
      .max(signingOverlapHours.most, `must be at most ${signingOverlapHours.most}`)
      .default(signingOverlapHours.usual)
      .meta({ description: "Hours for which the old secret signs as well" }),
  }),
  output: z.strictObject({ signing_secret: z.string(), previous_until: instant.nullable() }),
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
    const before = await lockTarget(db, tenant.id, target_id);
    if (before.kind !== "webhook" || !before.secret_ciphertext)
      throw new AppError("CONFLICT", "Only a webhook has a signing secret.");
    const secret = openTarget(before.secret_ciphertext, tenant.id, target_id);
    const signing_secret = newSigningSecret();
    const until = new Date(now.getTime() + overlap_hours * 3_600_000).toISOString();
    const [current] = secret.signing;
    const previous = overlap_hours > 0 && current ? [{ secret: current.secret, until }] : [];
    const signing = [{ secret: signing_secret, until: null }, ...previous];
    await db.alertTarget.update({
      where: { id: target_id },
      data: {
        secret_ciphertext: sealTarget({ ...secret, signing }, tenant.id, target_id),
        updated_at: now,
      },
    });
    const previous_until = previous[0]?.until ?? null;
    audit({
      action: "alert_target.secret_rotated",
      target: { kind: "alert_target", id: target_id },
      details: { name: before.name, previous_until },
    });
    return { signing_secret, previous_until };
  },
});

const loadForTest = operation({
  name: "alert_target.load_for_test",
  permission: "alert:manage",
  effect: "read",
  input: z.strictObject({ target_id: idSchema }),
  output: z.strictObject({ destination: z.custom<Destination>() }),
  async run({ db, tenant }, { target_id }) {
    const target = await findTarget(db, tenant.id, target_id);
    const kind = kindOf(target);
    if (kind !== "email" && target.secret_ciphertext)
      return { destination: { kind, secret: openTarget(target.secret_ciphertext, tenant.id, target_id) } };
    const to = await recipientsOf(db, target, testKind);
    if (to.length === 0) throw new AppError("CONFLICT", "There is nobody to send it to.");
    return { destination: { kind: "email" as const, to, message_id: randomUUID(), thread: null } };
  },
});

const outcomeView = z
  .strictObject({
    ok: z.boolean(),
    status: z.int().nullable().meta({ description: "The HTTP status, where there was one" }),
    answer: z.string().meta({ description: "What the receiver said, or what went wrong on the way" }),
    duration_ms: z.int().meta({ description: "Milliseconds" }),
  })
  .meta({ id: "AlertTargetTest" });

const recordTest = operation({
  name: "alert_target.record_test",
  permission: "alert:manage",
  effect: "write",
  input: z.strictObject({ target_id: idSchema, outcome: outcomeView }),
  output: z.void(),
  async run({ db, tenant, now, audit }, { target_id, outcome }) {
    const target = await findTarget(db, tenant.id, target_id);
    if (outcome.ok)
      await db.alertTarget.update({
        where: { id: target_id },
        data: { failing_since: null, last_delivered_at: now },
      });
    const { ok, status } = outcome;
    audit({
      action: "alert_target.tested",
      target: { kind: "alert_target", id: target_id },
      details: { name: target.name, ok, status },
    });
  },
});

/**
 * Sends a test to a target now, and says what it answered. It is sent between two transactions, never inside one.
 * @throws AppError NOT_FOUND; CONFLICT when a mail has nobody to go to
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
    const { retry_after: _later, ...outcome }: Outcome = await sendTo(destination, testMessage(tenant, now));
    await recordTest(actor, tenant.id, { target_id, outcome });
    return outcome;
  },
});

function testMessage(tenant: Message["tenant"], now: Date): Message {
  return {
    id: `evt_${randomUUID()}`,
    kind: testKind,
    severity: "info",
    is_end: false,
    title: "Test from TenantPilot",
    body: "Alerts arrive here. Nothing has happened.",
    link: `/tenants/${tenant.id}/alerts`,
    data: {},
    tenant: { id: tenant.id, name: tenant.name },
    incident_id: null,
    created_at: now.toISOString(),
  };
}

function secretOf(target: z.output<typeof targetCreateSchema>["target"]): TargetSecret | null {
  if (target.kind === "email") return null;
  requireReachable("url", target.url);
  const isWebhook = target.kind === "webhook";
  return {
    url: target.url,
    signing: isWebhook ? [{ secret: newSigningSecret(), until: null }] : [],
    authorization: isWebhook ? target.authorization : null,
  };
}

/** What goes with a new address: not what was meant for the old one. */
function movedTo(
  target: AlertTarget,
  tenantId: number,
  change: { url: string | undefined; authorization: string | null | undefined },
): Partial<Pick<AlertTarget, "hint" | "secret_ciphertext">> {
  if (!target.secret_ciphertext) throw new Error("The target has no address");
  if (change.url !== undefined) requireReachable("url", change.url);
  const secret = openTarget(target.secret_ciphertext, tenantId, target.id);
  const authorization =
    change.authorization !== undefined
      ? change.authorization
      : change.url === undefined
        ? secret.authorization
        : null;
  const url = change.url ?? secret.url;
  return {
    hint: hintOf(url),
    secret_ciphertext: sealTarget({ ...secret, url, authorization }, tenantId, target.id),
  };
}

/** @throws AppError VALIDATION_FAILED at the field */
function requireReachable(field: string, url: string): void {
  try {
    checkedUrl(url);
  } catch (error) {
    if (error instanceof RefusedAddress) throw fieldError(field, error.message);
    throw error;
  }
}

/** The host, and the end of what comes behind it: enough to know it again, and not to use it. */
function hintOf(url: string): string {
  const { host, pathname, search } = new URL(url);
  const rest = `${pathname}${search}`;
  return rest.length > 12 ? `${host}/…${rest.slice(-4)}` : `${host}/…`;
}

function mailHint(to: { recipients: readonly string[]; to_owners: boolean } | null): string {
  const places = [...(to?.to_owners ? ["the owners"] : []), ...(to?.recipients ?? [])];
  return places.length > 3
    ? `${places.slice(0, 2).join(", ")} and ${places.length - 2} more`
    : places.join(", ");
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

async function lockTarget(db: Tx, tenantId: number, id: number): Promise<AlertTarget> {
  await db.$queryRaw`SELECT 1 FROM alert_targets WHERE tenant_id = ${tenantId} AND id = ${id} FOR UPDATE`;
  return findTarget(db, tenantId, id);
}

async function findTarget(db: Tx, tenantId: number, id: number): Promise<AlertTarget> {
  const target = await db.alertTarget.findFirst({ where: { tenant_id: tenantId, id } });
  if (!target) throw new AppError("NOT_FOUND", "There is no such alert target in this tenant.");
  return target;
}

function kindOf({ kind }: { kind: string }): (typeof targetKinds)[number] {
  const known = targetKinds.find((each) => each === kind);
  if (!known) throw new Error(`A target has the unknown kind ${kind}`);
  return known;
}

function presentTarget(row: Omit<AlertTarget, "secret_ciphertext">): z.infer<typeof targetView> {
  return present(targetView, { ...row, kind: kindOf(row) });
}

function fieldError(path: string, message: string): AppError {
  return new AppError("VALIDATION_FAILED", `${path}: ${message}`, { errors: [{ path, message }] });
}
