import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { testKind } from "#lib/alerts/kinds";
import { lockOwner, notFound, type Owner } from "#lib/alerts/owner";
import { openTarget, sealTarget, type TargetSecret } from "#lib/alerts/target-secret";
import { type targetCreateSchema, targetKinds, type targetUpdateSchema } from "#lib/alerts/targets-schema";
import { type newTargetView, targetView } from "#lib/alerts/views";
import { requireAsRead } from "#lib/as-read";
import type { AlertTarget } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { AppError, fieldError } from "#lib/errors";
import { present } from "#lib/present";
import { checkedUrl, RefusedAddress } from "./guarded-request.ts";
import { recipientsOf } from "./recipients.ts";
import type { Destination } from "./send.ts";
import { newSigningSecret } from "./sign.ts";

// What is done with targets, whoever's they are.

/** More would be a directory of its own. */
const mostTargets = 50;

/** The targets, in the order in which they were made. */
export async function listTargets(db: Tx, owner: Owner): Promise<z.infer<typeof targetView>[]> {
  const rows = await db.alertTarget.findMany({
    where: { tenant_id: owner },
    omit: { secret_ciphertext: true },
    orderBy: { id: "asc" },
  });
  return rows.map(presentTarget);
}

/**
 * Makes a target.
 * @throws AppError VALIDATION_FAILED for an address that alerts do not go to, or a mail to nobody; QUOTA_EXCEEDED
 */
export async function makeTarget(
  db: Tx,
  owner: Owner,
  target: z.output<typeof targetCreateSchema>["target"],
): Promise<z.infer<typeof newTargetView>> {
  await lockOwner(db, owner);
  if ((await db.alertTarget.count({ where: { tenant_id: owner } })) >= mostTargets)
    throw new AppError("QUOTA_EXCEEDED", `There are ${mostTargets} alert targets. Remove one.`);
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
      tenant_id: owner,
      kind: target.kind,
      name: target.name,
      secret_ciphertext: secret && sealTarget(secret, owner, id),
      hint: secret ? hintOf(secret.url) : mailHint(target.kind === "email" ? target : null),
      ...(target.kind === "email" ? { recipients: target.recipients, to_owners: target.to_owners } : {}),
    },
    omit: { secret_ciphertext: true },
  });
  return { ...presentTarget(row), signing_secret: secret?.signing[0]?.secret ?? null };
}

/**
 * Changes a target. Enabled again, it begins anew: what failed before does not count. One whose secret no key opens takes a new
 * address, and with it a signing secret that nobody has seen: whoever receives its messages needs another one.
 * @returns it as it is now, and whether it was enabled before
 * @throws AppError NOT_FOUND; VALIDATION_FAILED for what its kind does not have, or an address that alerts do not go to;
 *   EDIT_CONFLICT when it was changed after `updated_at`
 */
export async function changeTarget(
  db: Tx,
  owner: Owner,
  now: Date,
  { target_id, url, authorization, updated_at, ...input }: z.output<typeof targetUpdateSchema>,
): Promise<{ target: z.infer<typeof targetView>; wasEnabled: boolean }> {
  const before = await lockTarget(db, owner, target_id);
  requireAsRead(updated_at === undefined ? undefined : { updated_at }, {
    updated_at: before.updated_at.toISOString(),
  });
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
    url === undefined && authorization === undefined ? {} : movedTo(before, owner, { url, authorization });
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
  return { target: presentTarget(row), wasEnabled: before.is_enabled };
}

/**
 * Gives a webhook a new signing secret; the old one signs as well for so many hours.
 * @throws AppError NOT_FOUND; CONFLICT for a target that signs nothing, or whose secret no key opens
 */
export async function rotateSecret(
  db: Tx,
  owner: Owner,
  now: Date,
  { target_id, overlap_hours }: { target_id: number; overlap_hours: number },
): Promise<{ name: string; signing_secret: string; previous_until: string | null }> {
  const before = await lockTarget(db, owner, target_id);
  if (before.kind !== "webhook" || !before.secret_ciphertext)
    throw new AppError("CONFLICT", "Only a webhook has a signing secret.");
  const secret = requireOpen(before, owner);
  const signing_secret = newSigningSecret();
  const until = new Date(now.getTime() + overlap_hours * 3_600_000).toISOString();
  const [current] = secret.signing;
  const previous = overlap_hours > 0 && current ? [{ secret: current.secret, until }] : [];
  const signing = [{ secret: signing_secret, until: null }, ...previous];
  await db.alertTarget.update({
    where: { id: target_id },
    data: { secret_ciphertext: sealTarget({ ...secret, signing }, owner, target_id), updated_at: now },
  });
  return { name: before.name, signing_secret, previous_until: previous[0]?.until ?? null };
}

/** Where a test goes. @throws AppError NOT_FOUND; CONFLICT when a mail has nobody to go to, or no key opens where it is */
export async function destinationForTest(db: Tx, owner: Owner, targetId: number): Promise<Destination> {
  const target = await findTarget(db, owner, targetId);
  const kind = kindOf(target);
  if (kind !== "email" && target.secret_ciphertext) return { kind, secret: requireOpen(target, owner) };
  const to = await recipientsOf(db, target, testKind);
  if (to.length === 0) throw new AppError("CONFLICT", "There is nobody to send it to.");
  return { kind: "email", to, message_id: randomUUID(), thread: null };
}

/** Notes that a test was taken. @returns the target's name @throws AppError NOT_FOUND */
export async function noteTest(
  db: Tx,
  owner: Owner,
  now: Date,
  { target_id, ok }: { target_id: number; ok: boolean },
): Promise<string> {
  const { name } = await lockTarget(db, owner, target_id);
  if (ok)
    await db.alertTarget.update({
      where: { id: target_id },
      data: { failing_since: null, last_delivered_at: now },
    });
  return name;
}

function secretOf(target: z.output<typeof targetCreateSchema>["target"]): TargetSecret | null {
  if (target.kind === "email") return null;
  requireReachable("url", target.url);
  return {
    url: target.url,
    signing: newSigning(target.kind),
    authorization: target.kind === "webhook" ? target.authorization : null,
  };
}

/** What goes with a new address: not what was meant for the old one. */
function movedTo(
  target: AlertTarget,
  owner: Owner,
  change: { url: string | undefined; authorization: string | null | undefined },
): Partial<Pick<AlertTarget, "hint" | "secret_ciphertext">> {
  if (change.url !== undefined) requireReachable("url", change.url);
  const known = opened(target, owner);
  const url = change.url ?? known?.url;
  if (url === undefined) throw fieldError("url", `must be entered again: ${unopened}`);
  const authorization =
    change.authorization !== undefined
      ? change.authorization
      : change.url === undefined
        ? (known?.authorization ?? null)
        : null;
  const signing = known?.signing ?? newSigning(target.kind);
  return {
    hint: hintOf(url),
    secret_ciphertext: sealTarget({ url, signing, authorization }, owner, target.id),
  };
}

const unopened = "what is stored opens with none of this installation's encryption keys";

/** A target's address and secrets; null when none of the keys opens them. */
function opened({ id, secret_ciphertext }: AlertTarget, owner: Owner): TargetSecret | null {
  if (!secret_ciphertext) throw new Error("The target has no address");
  try {
    return openTarget(secret_ciphertext, owner, id);
  } catch {
    return null;
  }
}

/** @throws AppError CONFLICT when none of the keys opens it, with what to do */
function requireOpen(target: AlertTarget, owner: Owner): TargetSecret {
  const secret = opened(target, owner);
  if (secret) return secret;
  throw new AppError(
    "CONFLICT",
    `The target's address is lost: ${unopened}. Enter its address again, or have the key put back.`,
  );
}

/** A webhook signs its messages from the first on. */
function newSigning(kind: string): TargetSecret["signing"] {
  return kind === "webhook" ? [{ secret: newSigningSecret(), until: null }] : [];
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

/** Whom a mail goes to, in short. */
function mailHint(to: { recipients: readonly string[]; to_owners: boolean } | null): string {
  const places = [...(to?.to_owners ? ["the owners"] : []), ...(to?.recipients ?? [])];
  return places.length > 3
    ? `${places.slice(0, 2).join(", ")} and ${places.length - 2} more`
    : places.join(", ");
}

/** A target until the end of the transaction. @throws AppError NOT_FOUND */
export async function lockTarget(db: Tx, owner: Owner, id: number): Promise<AlertTarget> {
  await db.$queryRaw`
    SELECT 1 FROM alert_targets WHERE tenant_id IS NOT DISTINCT FROM ${owner}::int AND id = ${id} FOR UPDATE`;
  return findTarget(db, owner, id);
}

async function findTarget(db: Tx, owner: Owner, id: number): Promise<AlertTarget> {
  const target = await db.alertTarget.findFirst({ where: { tenant_id: owner, id } });
  if (!target) throw notFound("alert target", owner);
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
