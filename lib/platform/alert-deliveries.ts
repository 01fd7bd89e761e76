import { z } from "zod";
import { alertLabel, isShared } from "#lib/alerts/kinds";
import { takeRole } from "#lib/db/transaction";
import {
  beginAnew,
  type DeliveryRow,
  deliveriesInput,
  findDelivery,
  kindOf,
  listDeliveryRows,
} from "#lib/delivery/delivery-store";
import { deliveryView } from "#lib/delivery/views";
import { bigIdSchema } from "#lib/ids";
import { deliverAlertJob } from "#lib/jobs/deliver-alert";
import { enqueue } from "#lib/jobs/enqueue";
import { administratorOperation } from "#lib/operation";
import { toPage } from "#lib/pagination";
import { present } from "#lib/present";
import { id, pageOf } from "#lib/view-fields";
import { note } from "./alert-targets.ts";

const owner = null;

const platformDeliveryView = deliveryView
  .extend({
    tenant_id: id.nullable().meta({ description: "Null: it concerned the installation" }),
    tenant_name: z.string().nullable(),
  })
  .meta({ id: "PlatformAlertDelivery" });

/** What the platform's targets were sent, newest first: of which tenant, and nothing of what is in it. */
export const listPlatformDeliveries = administratorOperation({
  name: "platform.list_alert_deliveries",
  effect: "read",
  input: deliveriesInput,
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
  async run({ db }, input) {
    return toPage(await listDeliveryRows(db, owner, input), input.limit, presentRow);
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
    const { tenant_id, target_id, target_name, kind } = await beginAnew(db, owner, delivery_id);
    const details = { delivery_id, name: target_name, title: alertLabel(kind) };
    await note(db, by, "alert.redelivered", target_id, details);
    const row = presentRow(await findDelivery(db, owner, delivery_id));
    // Who knows the platform's targets puts nothing into queues of tenants.
    await takeRole(db, "dispatcher");
    await enqueue(db, deliverAlertJob, [{ data: { tenant_id, delivery_id }, tenantId: tenant_id }]);
    return row;
  },
});

function presentRow(row: DeliveryRow): z.infer<typeof platformDeliveryView> {
  const kind = kindOf(row);
  const ofTenant = isShared(kind) ? { tenant_id: null, tenant_name: null } : {};
  return present(platformDeliveryView, { ...row, kind, title: alertLabel(kind), ...ofTenant });
}
