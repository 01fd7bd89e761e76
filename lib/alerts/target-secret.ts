import { z } from "zod";
import { isSealedWithCurrentKey, openCredential, sealCredential } from "#lib/sealed-credential";

/** Where a target is, and what it signs with: what whoever knows it can abuse. It stays in the process. */
const targetSecretSchema = z.strictObject({
  url: z.string(),
  /** Of a webhook: the newest first. An older one signs as well until its end, an ISO instant. */
  signing: z.array(z.strictObject({ secret: z.string(), until: z.string().nullable() })),
  /** Of a webhook: sent as the header of this name. */
  authorization: z.string().nullable(),
});
export type TargetSecret = z.infer<typeof targetSecretSchema>;

/** Bound to its row: a copy in another one opens nothing. */
function fieldOf(targetId: number): string {
  return `alert_target.${targetId}`;
}

/** The platform's targets have no tenant. */
const platform = 0;

/** The stored form, which opens for this target alone. */
export function sealTarget(
  secret: TargetSecret,
  tenantId: number | null,
  targetId: number,
): Uint8Array<ArrayBuffer> {
  return sealCredential(JSON.stringify(secret), tenantId ?? platform, fieldOf(targetId));
}

/** @throws Error when none of this installation's keys opens it */
export function openTarget(sealed: Uint8Array, tenantId: number | null, targetId: number): TargetSecret {
  return targetSecretSchema.parse(
    JSON.parse(openCredential(sealed, tenantId ?? platform, fieldOf(targetId))),
  );
}

/**
 * The same under the current key.
 * @returns null when it is encrypted with that key already
 * @throws Error when none of the keys opens it
 */
export function resealTarget(
  sealed: Uint8Array,
  tenantId: number | null,
  targetId: number,
): Uint8Array<ArrayBuffer> | null {
  if (isSealedWithCurrentKey(sealed)) return null;
  return sealTarget(openTarget(sealed, tenantId, targetId), tenantId, targetId);
}
