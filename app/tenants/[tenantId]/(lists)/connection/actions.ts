"use server";

import type { z } from "zod";
import { act } from "#app/action.ts";
import { saveConnection, testConnection } from "#lib/connection/connection";
import type { connectionSchema } from "#lib/connection/schema";

export async function saveConnectionAction(tenantId: number, input: z.input<typeof connectionSchema>) {
  return act((actor) => saveConnection(actor, tenantId, input));
}

export async function testConnectionAction(tenantId: number, _nothing: null) {
  return act((actor) => testConnection(actor, tenantId, {}));
}
