import { z } from "zod";
import { id, instant, openObject } from "#lib/view-fields";
import { notificationKinds } from "./kinds.ts";

export const notificationView = z
  .strictObject({
    id,
    tenant_id: id,
    kind: z.enum(notificationKinds),
    title: z.string().meta({ description: "What happened" }),
    body: z.string().meta({ description: "To what, and what to do about it" }),
    link: z.string().nullable().meta({ description: "A path of TenantPilot's pages" }),
    data: openObject.meta({ description: "What it is about; its fields are the kind's" }),
    created_at: instant,
    read_at: instant.nullable(),
  })
  .meta({ id: "Notification" });
