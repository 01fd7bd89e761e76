import type { z } from "zod";
import type { notificationView } from "./views.ts";

/** A notification of the signed-in user in one tenant. `link` is a path inside TenantPilot. */
export type NotificationView = z.infer<typeof notificationView>;
