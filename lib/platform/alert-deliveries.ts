import { z } from "zod";
import { alertLabel, isAlertKind, isShared } from "#lib/alerts/kinds";
import { type Tx, takeRole } from "#lib/db/transaction";
import { deliveryStates, deliveryView } from "#lib/delivery/views";
import { AppError } from "#lib/errors";
import { bigIdSchema } from "#lib/ids";
import { deliverAlertJob } from "#lib/jobs/deliver-alert";
import { enqueue } from "#lib/jobs/enqueue";
import { administratorOperation } from "#lib/operation";
import { decodeCursor, pageFields, toPage } from "#lib/pagination";
import { present } from "#lib/present";
import { id, pageOf } from "#lib/view-fields";
import { note } from "./alert-targets.ts";

const platformDeliveryView = deliveryView
  .extend({
    tenant_id: id.nullable().meta({ description: "Null: it concerned the installation" }),
    tenant_name: z.string().nullable(),
  })
  .meta({ id: "PlatformAlertDelivery" });

type Row = Omit<
  z.infer<typeof platformDeliveryView>,
  "id" | "kind" | "title" | "tenant_id" | "next_at" | "last_at" | "created_at"
> & {
  id: bigint;
  kind: string;
  tenant_id: number;
  next_at: Date | null;
  last_at: Date | null;
  created_at: Date;
};

/** What the platform's targets were sent, newest first: of which tenant, and nothing of what is in it. */
export const listPlatformDeliveries = administratorOperation({
  name: "platform.list_alert_deliveries",
  effect: "read",
  input: z.strictObject({
    ...pageFields,
    target_id: z.coerce.number().int().min(1).optional().meta({ description: "Of one target" }),
    state: z.enum(deliveryStates).optional().meta({ description: "In this state" }),
  }),
  output: pageOf(platformDeliveryView),
  http: {
    method: "GET",
    path: "/platform/alert-deliveries",
    operationId: "listPlatformAlertDeliveries",
    summary: "What was sent of all tenants, and what came of it",
    tag: "Platform",
    answer: "Newest first",
    paged: true,
  },
  async run({ db }, { limit, cursor, target_id, state }) {
    const rows = await read(db, {
      before: decodeCursor(cursor),
      only: null,
      limit: limit + 1,
      target_id: target_id ?? null,
      state: state ?? null,
    });
    return toPage(rows, limit, presentRow);
  },
});

/** Has a delivery to one of the platform's targets made again. @throws AppError as `redeliverAlert` */
export const redeliverPlatformAlert = administratorOperation({
  name: "platform.redeliver_alert",
  effect: "write",
  input: z.strictObject({ delivery_id: bigIdSchema }),
  output: platformDeliveryView,
  http: {
    method: "POST",
    path: "/platform/alert-deliveries/{deliveryId}/redeliver",
    operationId: "redeliverPlatformAlert",
    summary: "Deliver an alert again to a target of the platform",
    description: "The event keeps its id, so a receiver can tell that it has it already.",
    tag: "Platform",
    answer: "The delivery, pending",
    errors: ["CONFLICT"],
  },
  async run({ db, by }, { delivery_id }) {
    const before = await find(db, delivery_id);
    const [again] = await db.$queryRaw<{ target_id: number; tenant_id: number }[]>`
      UPDATE alert_deliveries d SET state = 'pending', attempts = 0, next_at = now()
      FROM alert_targets t
      WHERE d.id = ${BigInt(delivery_id)} AND d.target_tenant_id IS NULL AND d.state <> 'pending'
        AND t.id = d.target_id AND t.is_enabled
      RETURNING d.target_id, d.tenant_id`;
    if (!again)
      throw new AppError(
        "CONFLICT",
        before.state === "pending" ? "It is being delivered." : "Its target is disabled. Enable it first.",
      );
    const { tenant_id, target_id } = again;
    const title = alertLabel(before.kind);
    await note(db, by, "alert.redelivered", target_id, { delivery_id, name: before.target_name, title });
    const row = presentRow(await find(db, delivery_id));
    // Who knows the platform's targets puts nothing into queues of tenants.
    await takeRole(db, "dispatcher");
    await enqueue(db, deliverAlertJob, [{ data: { tenant_id, delivery_id }, tenantId: tenant_id }]);
    return row;
  },
});

async function find(db: Tx, deliveryId: number): Promise<Row> {
  const [row] = await read(db, {
    before: null,
    only: BigInt(deliveryId),
    limit: 1,
    target_id: null,
    state: null,
  });
  if (!row) throw new AppError("NOT_FOUND", "There is no such delivery of the platform.");
  return row;
}

function read(
  db: Tx,
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
    SELECT d.id, 'evt_' || e.uid AS event_uid, e.kind, d.tenant_id, n.name AS tenant_name, d.target_id, t.name AS target_name,
           t.kind AS target_kind, d.state, d.attempts, d.next_at, d.last_at, d.duration_ms, d.answer_status, d.answer, d.created_at
    FROM alert_deliveries d JOIN alert_events e ON e.id = d.event_id JOIN alert_targets t ON t.id = d.target_id
    JOIN tenants n ON n.id = d.tenant_id
    WHERE d.target_tenant_id IS NULL AND (${before}::bigint IS NULL OR d.id < ${before})
      AND (${only}::bigint IS NULL OR d.id = ${only}) AND (${target_id}::int IS NULL OR d.target_id = ${target_id})
      AND (${state}::text IS NULL OR d.state = ${state})
    ORDER BY d.id DESC LIMIT ${limit}`;
}

function presentRow(row: Row): z.infer<typeof platformDeliveryView> {
  const { kind } = row;
  if (!isAlertKind(kind)) throw new Error(`A delivery is of the unknown kind ${kind}`);
  const ofTenant = isShared(kind) ? { tenant_id: null, tenant_name: null } : {};
  return present(platformDeliveryView, { ...row, kind, title: alertLabel(kind), ...ofTenant });
}
