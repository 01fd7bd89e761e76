import { serve } from "#app/api/serve.ts";
import { previewSchedule } from "#lib/schedules/preview";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(previewSchedule);
