import { serve } from "#app/api/serve.ts";
import { testWriteConnection } from "#lib/restore/write-connection";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(testWriteConnection);
