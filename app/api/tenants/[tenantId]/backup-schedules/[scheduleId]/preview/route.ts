import { serve } from "#app/api/serve.ts";
import { previewSavedSchedule } from "#lib/schedules/preview";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(previewSavedSchedule);
