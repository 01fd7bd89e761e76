import { serve } from "#app/api/serve.ts";
import { markNotificationsRead } from "#lib/notifications/list";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(markNotificationsRead);
