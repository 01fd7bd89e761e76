import { serve } from "#app/api/serve.ts";
import { deleteSchedules } from "#lib/schedules/delete";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(deleteSchedules);
