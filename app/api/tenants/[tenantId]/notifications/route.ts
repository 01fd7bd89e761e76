import { serve } from "#app/api/serve.ts";
import { listNotifications } from "#lib/notifications/list";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listNotifications);
