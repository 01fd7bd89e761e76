import type { z } from "zod";
import { requireAsRead } from "#lib/as-read";
import type { AlertRule } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { AppError, fieldError } from "#lib/errors";
import { present } from "#lib/present";
import { digestDueAt } from "./digest-due.ts";
import { isAlertKind, type Severity } from "./kinds.ts";
import { lockOwner, notFound, type Owner } from "./owner.ts";
import type { platformRuleSchema, ruleSchema } from "./rules-schema.ts";
import { ruleView } from "./views.ts";

// What is done with rules, whoever's they are.

/** More than anybody could keep in mind. */
const mostRules = 200;

/** What a rule is to say. One of the platform says less. */
type Wanted = z.output<typeof platformRuleSchema> &
  Partial<Pick<z.output<typeof ruleSchema>, "schedule_ids" | "policy_types" | "digest">>;

/** A rule that was written, and what its target is called. */
interface Written {
  rule: z.infer<typeof ruleView>;
  targetName: string;
}

/** The rules, in the order in which they were made. */
export async function listRules(db: Tx, owner: Owner): Promise<z.infer<typeof ruleView>[]> {
  const rows = await db.alertRule.findMany({ where: { tenant_id: owner }, orderBy: { id: "asc" } });
  return rows.map(presentRule);
}

/** Adds a rule. @throws AppError NOT_FOUND for its target; VALIDATION_FAILED; QUOTA_EXCEEDED */
export async function makeRule(db: Tx, owner: Owner, now: Date, wanted: Wanted): Promise<Written> {
  await lockOwner(db, owner);
  if ((await db.alertRule.count({ where: { tenant_id: owner } })) >= mostRules)
    throw new AppError("QUOTA_EXCEEDED", `There are ${mostRules} alert rules. Remove one.`);
  const { name } = await holdTarget(db, owner, wanted);
  await requireSchedules(db, wanted.schedule_ids ?? [], []);
  const row = await db.alertRule.create({
    data: { ...wanted, tenant_id: owner, digest_due_at: dueAt(wanted, now) },
  });
  return { rule: presentRule(row), targetName: name };
}

/**
 * Replaces a rule.
 * @param asRead what the caller read; undefined: whatever it is by now is replaced
 * @throws AppError NOT_FOUND for it or its target; VALIDATION_FAILED; EDIT_CONFLICT
 */
export async function changeRule(
  db: Tx,
  owner: Owner,
  now: Date,
  { rule_id, ...wanted }: Wanted & { rule_id: number },
  asRead: z.infer<typeof ruleView> | undefined,
): Promise<Written> {
  // The target first, as whoever removes one does, whose rules go with it.
  const { name } = await holdTarget(db, owner, wanted);
  await db.$queryRaw`
    SELECT id FROM alert_rules
    WHERE tenant_id IS NOT DISTINCT FROM ${owner}::int AND id = ${rule_id} FOR UPDATE`;
  const before = await db.alertRule.findFirst({ where: { id: rule_id, tenant_id: owner } });
  if (!before) throw notFound("alert rule", owner);
  requireAsRead(asRead, presentRule(before));
  await requireSchedules(db, wanted.schedule_ids ?? [], before.schedule_ids);
  const row = await db.alertRule.update({
    where: { id: rule_id },
    data: { ...wanted, digest_due_at: dueAt(wanted, now) },
  });
  return { rule: presentRule(row), targetName: name };
}

/** Removes a rule. @returns the target that it sent to @throws AppError NOT_FOUND */
export async function dropRule(db: Tx, owner: Owner, id: number): Promise<number> {
  const [removed] = await db.$queryRaw<{ target_id: number }[]>`
    DELETE FROM alert_rules WHERE tenant_id IS NOT DISTINCT FROM ${owner}::int AND id = ${id} RETURNING target_id`;
  if (!removed) throw notFound("alert rule", owner);
  return removed.target_id;
}

/** The target of a rule, which is there until the end of the transaction. @throws AppError NOT_FOUND; VALIDATION_FAILED */
async function holdTarget(db: Tx, owner: Owner, wanted: Wanted): Promise<{ name: string }> {
  if ((wanted.quiet_from === null) !== (wanted.quiet_until === null))
    throw fieldError("quiet_until", "must be set with quiet_from, or neither");
  const [target] = await db.$queryRaw<{ name: string; kind: string }[]>`
    SELECT name, kind FROM alert_targets
    WHERE tenant_id IS NOT DISTINCT FROM ${owner}::int AND id = ${wanted.target_id} FOR KEY SHARE`;
  if (!target) throw notFound("alert target", owner);
  if ((wanted.digest ?? null) !== null && target.kind !== "email")
    throw fieldError("digest", "goes by mail alone: choose a target of mail");
  return target;
}

/**
 * A rule for a schedule that is not there would send nothing, and nobody would know. One that the rule has named since before
 * may be deleted meanwhile: the rest of the rule can be changed even so.
 * @throws AppError VALIDATION_FAILED
 */
async function requireSchedules(db: Tx, wanted: readonly number[], before: readonly number[]): Promise<void> {
  const added = wanted.filter((id) => !before.includes(id));
  if (added.length === 0) return;
  const found = await db.backupSchedule.findMany({
    where: { id: { in: added }, deleted_at: null },
    select: { id: true },
  });
  const missing = added.filter((id) => !found.some((schedule) => schedule.id === id));
  if (missing.length > 0)
    throw fieldError(
      "schedule_ids",
      `must name backup schedules of this tenant, unlike ${missing.join(", ")}`,
    );
}

function dueAt({ digest = null, timezone }: Wanted, now: Date): Date | null {
  return digestDueAt({ digest, timezone }, now);
}

function presentRule(row: AlertRule): z.infer<typeof ruleView> {
  return present(ruleView, {
    ...row,
    kinds: row.kinds.filter(isAlertKind),
    least_severity: row.least_severity as Severity,
    digest: row.digest as "daily" | "weekly" | null,
  });
}
