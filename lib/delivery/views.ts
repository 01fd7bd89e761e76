import { z } from "zod";
import { digestKind } from "#lib/alerts/digest-facts";
import { alertKinds } from "#lib/alerts/kinds";
import { targetKinds } from "#lib/alerts/targets-schema";
import { id, instant } from "#lib/view-fields";

/** What can become of a delivery. */
export const deliveryStates = ["pending", "delivered", "failed", "dropped"] as const;

export const deliveryView = z
  .strictObject({
    id,
    event_uid: z.string().meta({ description: "By which the receiver knows the event: webhook-id" }),
    kind: z.enum([...alertKinds, digestKind]),
    title: z.string(),
    target_id: id,
    target_name: z.string(),
    target_kind: z.enum(targetKinds),
    state: z.enum(deliveryStates).meta({
      description: "failed: no more attempts; dropped: over, or without a receiver, before it was sent",
    }),
    attempts: z.int(),
    next_at: instant.nullable().meta({ description: "When it is sent next, while it is pending" }),
    last_at: instant.nullable(),
    duration_ms: z.int().nullable().meta({ description: "Milliseconds that the last attempt took" }),
    answer_status: z.int().nullable().meta({ description: "The HTTP status of the last answer" }),
    answer: z
      .string()
      .nullable()
      .meta({ description: "The beginning of the last answer, or what went wrong" }),
    created_at: instant,
  })
  .meta({ id: "AlertDelivery" });
