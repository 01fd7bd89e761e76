import { serve } from "#app/api/serve.ts";
import { listBackupItems } from "#lib/sets/items";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(listBackupItems);
