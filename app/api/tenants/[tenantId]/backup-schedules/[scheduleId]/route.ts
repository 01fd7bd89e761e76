import { serve } from "#app/api/serve.ts";
import { deleteSchedule } from "#lib/schedules/delete";
import { getSchedule } from "#lib/schedules/get";
import { updateSchedule } from "#lib/schedules/update";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(getSchedule, updateSchedule, deleteSchedule);
