import { serve } from "#app/api/serve.ts";
import {
  forgetWriteConnection,
  getWriteConnection,
  saveWriteConnection,
} from "#lib/restore/write-connection";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = serve(
  forgetWriteConnection,
  getWriteConnection,
  saveWriteConnection,
);
