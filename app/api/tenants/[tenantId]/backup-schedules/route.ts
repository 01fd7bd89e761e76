import { serve } from "#app/api/serve.ts";
import { createSchedule } from "#lib/schedules/create";
import { listSchedules } from "#lib/schedules/list";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listSchedules, createSchedule);
