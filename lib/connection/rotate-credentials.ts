import { z } from "zod";
import { keyRotationActor } from "#lib/access/actor";
import { resealSecrets } from "#lib/access/reseal-secrets";
import { resealTargets } from "#lib/alerts/reseal-targets";
import { noteFirstKey } from "#lib/encryption-key-check";
import { GraphError } from "#lib/graph/errors";
import { operation, platformOperation } from "#lib/operation";
import { id } from "#lib/view-fields";
import { resealConnectionCredential } from "./store.ts";
import { resealRestores } from "./write-credential.ts";

/** What became of the stored credentials. */
export interface Rotation {
  /** Encrypted with the first key now. */
  reencrypted: number;
  /** Encrypted with the first key before. */
  current: number;
  /** Ids of the tenants whose credential opens with none of the keys: it has to be entered again. */
  unreadable: number[];
  /** Ids of the people whose authenticator app's secret opens with none of the keys: they have to set it up again. */
  unreadable_people: number[];
  /** Ids of the alert targets whose address opens with none of the keys: it has to be entered again. */
  unreadable_targets: number[];
}

const batchSize = 500;

/** The next tenants by id. */
const tenantsAfter = platformOperation({
  name: "credential.tenants",
  permission: "credential:rotate",
  input: z.strictObject({ id: z.int().min(0) }),
  output: z.array(id),
  async run({ db }, { id: last }) {
    const rows = await db.$queryRaw<{ id: number }[]>`
      SELECT id FROM tenants WHERE id > ${last} ORDER BY id LIMIT ${batchSize}`;
    return rows.map((row) => row.id);
  },
});

/** Encrypts a tenant's credential with the first key. The connection's time stays: nothing else about it changes. */
const reencryptCredential = operation({
  name: "connection.reencrypt",
  permission: "credential:rotate",
  effect: "write",
  input: z.strictObject({}),
  output: z.enum(["reencrypted", "current", "unreadable", "none"]),
  async run({ db, tenant, audit, unchanged }) {
    const [row] = await db.$queryRaw<{ credential_ciphertext: Uint8Array }[]>`
      SELECT credential_ciphertext FROM connections WHERE tenant_id = ${tenant.id} FOR UPDATE`;
    unchanged();
    if (!row) return "none";
    try {
      const resealed = resealConnectionCredential(row.credential_ciphertext, tenant.id);
      if (!resealed) return "current";
      await db.connection.update({
        where: { tenant_id: tenant.id },
        data: { credential_ciphertext: resealed },
      });
    } catch (error) {
      if (error instanceof GraphError) return "unreadable";
      throw error;
    }
    audit({ action: "connection.reencrypted" });
    return "reencrypted";
  },
});

/** The same for all that the tenant's restores keep sealed. */
const reencryptRestores = operation({
  name: "restore.reencrypt",
  permission: "credential:rotate",
  effect: "write",
  timeoutMs: 60_000,
  input: z.strictObject({}),
  output: z.strictObject({ reencrypted: z.int(), current: z.int(), unreadable: z.int() }),
  async run({ db, tenant, audit, unchanged }) {
    const counts = await resealRestores(db, tenant.id);
    if (counts.reencrypted > 0)
      audit({ action: "connection.reencrypted", details: { restores: counts.reencrypted } });
    else unchanged();
    return counts;
  },
});

/**
 * Encrypts every tenant's stored credential, what its restores keep sealed, the secret of everybody's authenticator app, and the
 * addresses of alert targets with the first key, one by one, so that the other keys are needed no
 * more, and notes that key as the one that processes must have. It may be stopped and repeated at any time, and beside
 * running services that have all of the keys.
 * @param options.isKeyLost what none of the keys opens will be entered again: processes need not have its key
 */
export async function rotateCredentials({ isKeyLost = false } = {}): Promise<Rotation> {
  const rotation: Rotation = {
    reencrypted: 0,
    current: 0,
    unreadable: [],
    unreadable_people: [],
    unreadable_targets: [],
  };
  let last = 0;
  for (;;) {
    const batch = await tenantsAfter(keyRotationActor, { id: last });
    for (const tenantId of batch) {
      const outcome = await reencryptCredential(keyRotationActor, tenantId, {});
      if (outcome === "unreadable") rotation.unreadable.push(tenantId);
      else if (outcome !== "none") rotation[outcome] += 1;
      const restores = await reencryptRestores(keyRotationActor, tenantId, {});
      rotation.reencrypted += restores.reencrypted;
      rotation.current += restores.current;
      if (restores.unreadable > 0 && !rotation.unreadable.includes(tenantId))
        rotation.unreadable.push(tenantId);
    }
    last = batch.at(-1) ?? last;
    if (batch.length < batchSize) break;
  }
  for await (const { user_id, outcome } of resealSecrets()) {
    if (outcome === "unreadable") rotation.unreadable_people.push(user_id);
    else if (outcome !== "none") rotation[outcome] += 1;
  }
  for await (const { target_id, outcome } of resealTargets()) {
    if (outcome === "unreadable") rotation.unreadable_targets.push(target_id);
    else rotation[outcome] += 1;
  }
  const unreadable =
    rotation.unreadable.length + rotation.unreadable_people.length + rotation.unreadable_targets.length;
  if (unreadable === 0 || isKeyLost) await noteFirstKey();
  return rotation;
}
