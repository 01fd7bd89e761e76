import { z } from "zod";
import { bigIdSchema } from "#lib/ids";
import { deliverAlertJob } from "#lib/jobs/deliver-alert";
import { enqueue } from "#lib/jobs/enqueue";
import { operation } from "#lib/operation";
import { toPage } from "#lib/pagination";
import { present } from "#lib/present";
import { pageOf } from "#lib/view-fields";
import {
  beginAnew,
  type DeliveryRow,
  deliveriesInput,
  findDelivery,
  kindOf,
  listDeliveryRows,
} from "./delivery-store.ts";
import { loadMessage } from "./load-message.ts";
import { bodyFor, mailFor } from "./send.ts";
import { deliveryView } from "./views.ts";

/** An event on its way to a target, as lists show it. */
export type DeliveryView = z.infer<typeof deliveryView>;

/** What the tenant's targets were sent, newest first. */
export const listDeliveries = operation({
  name: "alert_delivery.list",
  permission: "alert:manage",
  effect: "read",
  input: deliveriesInput,
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
  async run({ db, tenant }, input) {
    return toPage(await listDeliveryRows(db, tenant.id, input), input.limit, presentDelivery);
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
    const message = await loadMessage(db, tenant.id, row.event_id, false);
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
    const row = await beginAnew(db, tenant.id, delivery_id);
    await enqueue(db, deliverAlertJob, [
      { data: { tenant_id: tenant.id, delivery_id }, tenantId: tenant.id },
    ]);
    audit({
      action: "alert.redelivered",
      target: { kind: "alert_target", id: row.target_id },
      details: { delivery_id, name: row.target_name, title: row.title },
    });
    return presentDelivery(await findDelivery(db, tenant.id, delivery_id));
  },
});

function presentDelivery(row: DeliveryRow): z.infer<typeof deliveryView> {
  return present(deliveryView, { ...row, kind: kindOf(row), title: row.title ?? "" });
}
