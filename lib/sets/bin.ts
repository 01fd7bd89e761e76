import { z } from "zod";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { inWords } from "#lib/limits";
import { notifyLive } from "#lib/live/notify";
import { operation } from "#lib/operation";
import { lockSet } from "./lock-set.ts";
import { binDays } from "./schema.ts";
import { presentSet, verifyResultOf } from "./sets.ts";
import { tellDamaged, toldOf } from "./tell-damaged.ts";
import { tellWhole } from "./tell-whole.ts";
import { setView } from "./views.ts";

/**
 * Moves a set to the bin, from which it can be restored for `binDays`. Removing a removed set changes nothing.
 * @throws AppError NOT_FOUND; CONFLICT for a pinned set, and for the newest fully successful one of a schedule that
 *   is not deleted: without it there is nothing to rely on
 */
export const removeSet = operation({
  name: "set.remove",
  permission: "set:remove",
  effect: "write",
  input: z.strictObject({ set_id: idSchema }),
  output: setView,
  http: {
    method: "DELETE",
    path: "/tenants/{tenantId}/backup-sets/{setId}",
    operationId: "removeBackupSet",
    summary: `Move a set to the bin, from which it can be restored for ${inWords(binDays)} days`,
    tag: "Backup sets",
    answer: "The set in the bin",
    errors: ["CONFLICT"],
  },
  async run({ db, tenant, now, audit, unchanged }, { set_id }) {
    const set = await lockSet(db, set_id);
    if (set.deleted_at) {
      unchanged();
      return presentSet(set);
    }
    if (set.pinned_at) {
      throw new AppError("CONFLICT", "This backup set is pinned. Unpin it; then it can be removed.");
    }
    const newestSuccess = await db.backupSet.findFirst({
      where: { backup_schedule_id: set.backup_schedule_id, status: "success", deleted_at: null },
      orderBy: { id: "desc" },
      select: { id: true },
    });
    if (newestSuccess?.id === set_id && !set.schedule.deleted_at) {
      throw new AppError(
        "CONFLICT",
        "This is the newest complete backup set of its schedule, which is never removed. Run the schedule again first.",
      );
    }
    const removed = await db.backupSet.update({
      where: { tenant_id_id: { tenant_id: tenant.id, id: set_id } },
      data: { deleted_at: now },
      include: { schedule: { select: { name: true } } },
    });
    audit({
      action: "set.removed",
      target: { kind: "set", id: set_id },
      details: { backup_schedule_id: set.backup_schedule_id, reason: "by hand", bin_days: binDays },
    });
    await tellWhole(db, tenant.id);
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "set", id: set_id }]);
    return presentSet(removed);
  },
});

/**
 * Takes a set out of the bin. It is pinned with it, or else retention would put it back after the schedule's next run.
 * Restoring a set that is not in the bin changes nothing.
 * @param input.pin false: leave it to retention
 * @throws AppError NOT_FOUND, also once it is purged
 */
export const restoreSet = operation({
  name: "set.restore",
  permission: "set:remove",
  effect: "write",
  input: z.strictObject({ set_id: idSchema, pin: z.boolean("must be true or false").default(true) }),
  output: setView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/backup-sets/{setId}/restore",
    operationId: "restoreBackupSet",
    summary: "Take a set out of the bin",
    tag: "Backup sets",
    body: z.strictObject({
      pin: z.boolean("must be true or false").optional().meta({
        description: "Default true: pinned, so that retention does not remove it again",
      }),
    }),
    answer: "The restored set",
  },
  async run({ db, tenant, actor, now, audit, unchanged }, { set_id, pin }) {
    const set = await lockSet(db, set_id);
    if (!set.deleted_at) {
      unchanged();
      return presentSet(set);
    }
    const restored = await db.backupSet.update({
      where: { tenant_id_id: { tenant_id: tenant.id, id: set_id } },
      data: {
        deleted_at: null,
        ...(pin ? { pinned_at: now, pinned_by: actor.kind === "user" ? actor.id : null } : {}),
      },
      include: { schedule: { select: { name: true } } },
    });
    audit({ action: "set.restored", target: { kind: "set", id: set_id }, details: { pinned: pin } });
    // In the bin it kept no incident open. A verification tells of new damage alone.
    const found = verifyResultOf(set);
    if (found?.status === "damaged") await tellDamaged(db, tenant.id, toldOf(set, found));
    await notifyLive(db, [{ tenant_id: tenant.id, topic: "set", id: set_id }]);
    return presentSet(restored);
  },
});
