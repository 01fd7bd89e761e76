import { serve } from "#app/api/serve.ts";
import { changeRestoreItems } from "#lib/restore/change-plan";
import { listRestoreItems } from "#lib/restore/list";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listRestoreItems, changeRestoreItems);
