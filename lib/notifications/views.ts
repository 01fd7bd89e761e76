import { z } from "zod";
import { id, instant, openObject } from "#lib/view-fields";
import { notificationKinds } from "./kinds.ts";

export const notificationView = z
  .strictObject({
    id,
    tenant_id: id,
    kind: z.enum(notificationKinds),
    title: z.string(),
    body: z.string(),
    link: z.string().nullable().meta({ description: "A path of TenantPilot's pages" }),
    data: openObject,
    created_at: instant,
    read_at: instant.nullable(),
  })
  .meta({ id: "Notification" });
