import { serve } from "#app/api/serve.ts";
import { listDeliveries } from "#lib/delivery/deliveries";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listDeliveries);
