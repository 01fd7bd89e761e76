import { serve } from "#app/api/serve.ts";
import { listPlatformDeliveries } from "#lib/platform/alert-deliveries";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listPlatformDeliveries);
