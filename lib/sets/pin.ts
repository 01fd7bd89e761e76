import { z } from "zod";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { lockSet } from "./lock-set.ts";
import { presentSet } from "./sets.ts";
import { setView } from "./views.ts";

/**
 * Pins a set: retention never removes it, and does not count it. Pinning a pinned set changes nothing.
 * @throws AppError NOT_FOUND; CONFLICT for a set in the bin
 */
export const pinSet = operation({
  name: "set.pin",
  permission: "set:pin",
  effect: "write",
  input: z.strictObject({ set_id: idSchema }),
  output: setView,
  http: {
    method: "PUT",
    path: "/tenants/{tenantId}/backup-sets/{setId}/pin",
    operationId: "pinBackupSet",
    summary: "Pin a set: retention never removes it",
    tag: "Backup sets",
    answer: "The pinned set",
    errors: ["CONFLICT"],
  },
  async run({ db, tenant, actor, now, audit, unchanged }, { set_id }) {
    const set = await lockSet(db, set_id);
    if (set.deleted_at)
      throw new AppError("CONFLICT", "This backup set is in the bin. Restore it; then it can be pinned.");
    if (set.pinned_at) {
      unchanged();
      return presentSet(set);
    }
    const pinned = await db.backupSet.update({
      where: { tenant_id_id: { tenant_id: tenant.id, id: set_id } },
      data: { pinned_at: now, pinned_by: actor.kind === "user" ? actor.id : null },
      include: { schedule: { select: { name: true } } },
    });
    audit({ action: "set.pinned", target: { kind: "set", id: set_id } });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "set", id: set_id }]);
    return presentSet(pinned);
  },
});

/**
 * Takes a set's pin away: from its next application on, retention counts it and may remove it.
 * @throws AppError NOT_FOUND
 */
export const unpinSet = operation({
  name: "set.unpin",
  permission: "set:pin",
  effect: "write",
  input: z.strictObject({ set_id: idSchema }),
  output: setView,
  http: {
    method: "DELETE",
    path: "/tenants/{tenantId}/backup-sets/{setId}/pin",
    operationId: "unpinBackupSet",
    summary: "Leave a set to retention again",
    tag: "Backup sets",
    answer: "The set without its pin",
  },
  async run({ db, tenant, audit, unchanged }, { set_id }) {
    const set = await lockSet(db, set_id);
    if (!set.pinned_at) {
      unchanged();
      return presentSet(set);
    }
    const unpinned = await db.backupSet.update({
      where: { tenant_id_id: { tenant_id: tenant.id, id: set_id } },
      data: { pinned_at: null, pinned_by: null },
      include: { schedule: { select: { name: true } } },
    });
    audit({ action: "set.unpinned", target: { kind: "set", id: set_id } });
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "set", id: set_id }]);
    return presentSet(unpinned);
  },
});
