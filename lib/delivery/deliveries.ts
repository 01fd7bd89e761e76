import { z } from "zod";
import { digestKind } from "#lib/alerts/digest-facts";
import { isAlertKind } from "#lib/alerts/kinds";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { bigIdSchema } from "#lib/ids";
import { deliverAlertJob } from "#lib/jobs/deliver-alert";
import { enqueue } from "#lib/jobs/enqueue";
import { operation } from "#lib/operation";
import { decodeCursor, pageFields, toPage } from "#lib/pagination";
import { present } from "#lib/present";
import { pageOf } from "#lib/view-fields";
import { loadMessage } from "./load-message.ts";
import { bodyFor, mailFor } from "./send.ts";
import { deliveryStates, deliveryView } from "./views.ts";

/** An event on its way to a target, as lists show it. */
export type DeliveryView = z.infer<typeof deliveryView>;

type Row = Omit<DeliveryView, "id" | "next_at" | "last_at" | "created_at" | "kind"> & {
  id: bigint;
  kind: string;
  next_at: Date | null;
  last_at: Date | null;
  created_at: Date;
};

/** What the tenant's targets were sent, newest first. */
export const listDeliveries = operation({
  name: "alert_delivery.list",
  permission: "alert:manage",
  effect: "read",
  input: z.strictObject({
    ...pageFields,
    target_id: z.coerce.number().int().min(1).optional().meta({ description: "Of one target" }),
    state: z.enum(deliveryStates).optional().meta({ description: "In this state" }),
  }),
  output: pageOf(deliveryView),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/alert-deliveries",
    operationId: "listAlertDeliveries",
    summary: "What was sent, and what came of it",
    tag: "Alerts",
    answer: "Newest first",
    paged: true,
  },
  async run({ db, tenant }, { limit, cursor, target_id, state }) {
    const rows = await readDeliveries(db, tenant.id, {
      before: decodeCursor(cursor),
      only: null,
      limit: limit + 1,
      target_id: target_id ?? null,
      state: state ?? null,
    });
    return toPage(rows, limit, presentDelivery);
  },
});

/** One delivery with what is sent. @throws AppError NOT_FOUND */
export const getDelivery = operation({
  name: "alert_delivery.get",
  permission: "alert:manage",
  effect: "read",
  input: z.strictObject({ delivery_id: bigIdSchema }),
  output: deliveryView.extend({
    request: z
      .string()
      .nullable()
      .meta({ description: "What is sent, but for headers; null for a heartbeat" }),
  }),
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/alert-deliveries/{deliveryId}",
    operationId: "getAlertDelivery",
    summary: "One delivery, with what is sent",
    tag: "Alerts",
    answer: "The delivery",
  },
  async run({ db, tenant }, { delivery_id }) {
    const row = await findDelivery(db, tenant.id, delivery_id);
    const [event] = await db.$queryRaw<{ event_id: bigint }[]>`
      SELECT event_id FROM alert_deliveries WHERE tenant_id = ${tenant.id} AND id = ${BigInt(delivery_id)}`;
    const message = event ? await loadMessage(db, tenant.id, event.event_id, false) : null;
    const kind = row.target_kind;
    const request =
      !message || kind === "heartbeat"
        ? null
        : kind === "email"
          ? mailFor(message).text
          : bodyFor(kind, message);
    return { ...presentDelivery(row), request };
  },
});

/**
 * Has a delivery made again, from its first attempt on; the event keeps its id, so a receiver can tell.
 * @throws AppError NOT_FOUND; CONFLICT while its attempts go on, or its target is disabled
 */
export const redeliverAlert = operation({
  name: "alert_delivery.redeliver",
  permission: "alert:manage",
  effect: "write",
  input: z.strictObject({ delivery_id: bigIdSchema }),
  output: deliveryView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/alert-deliveries/{deliveryId}/redeliver",
    operationId: "redeliverAlert",
    summary: "Deliver an alert again",
    description: "The event keeps its id, so a receiver can tell that it has it already.",
    tag: "Alerts",
    answer: "The delivery, pending",
    errors: ["CONFLICT"],
  },
  async run({ db, tenant, audit }, { delivery_id }) {
    const row = await findDelivery(db, tenant.id, delivery_id);
    const [again] = await db.$queryRaw<{ target_id: number }[]>`
      UPDATE alert_deliveries d SET state = 'pending', attempts = 0, next_at = now()
      FROM alert_targets t
      WHERE d.tenant_id = ${tenant.id} AND d.id = ${BigInt(delivery_id)} AND d.state <> 'pending'
        AND t.id = d.target_id AND t.is_enabled
      RETURNING d.target_id`;
    if (!again)
      throw new AppError(
        "CONFLICT",
        row.state === "pending" ? "It is being delivered." : "Its target is disabled. Enable it first.",
      );
    await enqueue(db, deliverAlertJob, [
      { data: { tenant_id: tenant.id, delivery_id }, tenantId: tenant.id },
    ]);
    audit({
      action: "alert.redelivered",
      target: { kind: "alert_target", id: again.target_id },
      details: { delivery_id, name: row.target_name, title: row.title },
    });
    return presentDelivery(await findDelivery(db, tenant.id, delivery_id));
  },
});

async function findDelivery(db: Tx, tenantId: number, deliveryId: number): Promise<Row> {
  const [row] = await readDeliveries(db, tenantId, {
    before: null,
    only: BigInt(deliveryId),
    limit: 1,
    target_id: null,
    state: null,
  });
  if (!row) throw new AppError("NOT_FOUND", "There is no such delivery in this tenant.");
  return row;
}

function readDeliveries(
  db: Tx,
  tenantId: number,
  filter: {
    before: bigint | null;
    only: bigint | null;
    limit: number;
    target_id: number | null;
    state: string | null;
  },
): Promise<Row[]> {
  const { before, only, limit, target_id, state } = filter;
  return db.$queryRaw<Row[]>`
    SELECT d.id, 'evt_' || e.uid AS event_uid, e.kind, e.title, d.target_id, t.name AS target_name, t.kind AS target_kind,
           d.state, d.attempts, d.next_at, d.last_at, d.duration_ms, d.answer_status, d.answer, d.created_at
    FROM alert_deliveries d JOIN alert_events e ON e.tenant_id = d.tenant_id AND e.id = d.event_id
    JOIN alert_targets t ON t.id = d.target_id
    WHERE d.tenant_id = ${tenantId} AND (${before}::bigint IS NULL OR d.id < ${before})
      AND (${only}::bigint IS NULL OR d.id = ${only}) AND (${target_id}::int IS NULL OR d.target_id = ${target_id})
      AND (${state}::text IS NULL OR d.state = ${state})
    ORDER BY d.id DESC LIMIT ${limit}`;
}

function presentDelivery(row: Row): z.infer<typeof deliveryView> {
  if (!isAlertKind(row.kind) && row.kind !== digestKind)
    throw new Error(`A delivery is of the unknown kind ${row.kind}`);
  return present(deliveryView, { ...row, kind: row.kind });
}
