import { z } from "zod";
import { digestKind } from "#lib/alerts/digest-facts";
import { isAlertKind } from "#lib/alerts/kinds";
import { notFound, type Owner } from "#lib/alerts/owner";
import { Prisma } from "#lib/db/generated/client";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { decodeCursor, pageFields } from "#lib/pagination";
import { deliveryStates, type deliveryView } from "./views.ts";

// What is done with deliveries, to whosever targets they go.

/** What a list of deliveries is asked for with. */
export const deliveriesInput = z.strictObject({
  ...pageFields,
  target_id: idSchema.optional().meta({ description: "Of one target" }),
  state: z.enum(deliveryStates).optional().meta({ description: "In this state" }),
});

/** A delivery as it is read. Of the platform's, it has no title: what an event says is not for its administrators. */
export type DeliveryRow = Omit<
  z.infer<typeof deliveryView>,
  "id" | "next_at" | "last_at" | "created_at" | "kind" | "title"
> & {
  id: bigint;
  kind: string;
  title: string | null;
  event_id: bigint;
  /** The event's. */
  tenant_id: number | null;
  tenant_name: string | null;
  next_at: Date | null;
  last_at: Date | null;
  created_at: Date;
};

/** One more than a page of deliveries, newest first. @throws AppError VALIDATION_FAILED for a cursor of elsewhere */
export function listDeliveryRows(
  db: Tx,
  owner: Owner,
  { limit, cursor, target_id, state }: z.output<typeof deliveriesInput>,
): Promise<DeliveryRow[]> {
  const before = decodeCursor(cursor);
  const conditions = [
    ...(before === null ? [] : [Prisma.sql`d.id < ${before}`]),
    ...(target_id === undefined ? [] : [Prisma.sql`d.target_id = ${target_id}`]),
    ...(state === undefined ? [] : [Prisma.sql`d.state = ${state}`]),
  ];
  return deliveriesWhere(db, owner, conditions, limit + 1);
}

/** @throws AppError NOT_FOUND */
export async function findDelivery(db: Tx, owner: Owner, deliveryId: number): Promise<DeliveryRow> {
  const [row] = await deliveriesWhere(db, owner, [Prisma.sql`d.id = ${BigInt(deliveryId)}`], 1);
  if (!row) throw notFound("delivery", owner);
  return row;
}

/**
 * Makes a delivery pending again, from its first attempt on. The caller enqueues it.
 * @returns it as it was, but for its title
 * @throws AppError NOT_FOUND; CONFLICT while its attempts go on, or its target is disabled
 */
export async function beginAnew(db: Tx, owner: Owner, deliveryId: number): Promise<DeliveryRow> {
  const row = await findDelivery(db, owner, deliveryId);
  const changed = await db.$executeRaw`
    UPDATE alert_deliveries d SET state = 'pending', attempts = 0, next_at = now()
    FROM alert_targets t
    WHERE d.id = ${row.id} AND ${isOf(owner)} AND d.state <> 'pending' AND t.id = d.target_id AND t.is_enabled`;
  if (changed === 0)
    throw new AppError(
      "CONFLICT",
      row.state === "pending" ? "It is being delivered." : "Its target is disabled. Enable it first.",
    );
  return row;
}

/** @throws Error for what no event is */
export function kindOf({ kind }: DeliveryRow): z.infer<typeof deliveryView>["kind"] {
  if (isAlertKind(kind) || kind === digestKind) return kind;
  throw new Error(`A delivery is of the unknown kind ${kind}`);
}

function isOf(owner: Owner): Prisma.Sql {
  return owner === null
    ? Prisma.sql`d.target_tenant_id IS NULL`
    : Prisma.sql`d.target_tenant_id = ${owner} AND d.tenant_id = ${owner}`;
}

function deliveriesWhere(
  db: Tx,
  owner: Owner,
  conditions: readonly Prisma.Sql[],
  limit: number,
): Promise<DeliveryRow[]> {
  return db.$queryRaw<DeliveryRow[]>`
    SELECT d.id, d.event_id, 'evt_' || e.uid AS event_uid, e.kind, ${owner === null ? Prisma.sql`NULL` : Prisma.sql`e.title`} AS title,
           d.tenant_id, n.name AS tenant_name, d.target_id, t.name AS target_name, t.kind AS target_kind, d.state, d.attempts,
           d.next_at, d.last_at, d.duration_ms, d.answer_status, d.answer, d.created_at
    FROM (
      -- First the page: joined, all that there are would be sorted.
      SELECT * FROM alert_deliveries d WHERE ${Prisma.join([isOf(owner), ...conditions], " AND ")} ORDER BY d.id DESC LIMIT ${limit}) d
    JOIN alert_events e ON e.id = d.event_id JOIN alert_targets t ON t.id = d.target_id
    LEFT JOIN tenants n ON n.id = d.tenant_id
    ORDER BY d.id DESC`;
}
