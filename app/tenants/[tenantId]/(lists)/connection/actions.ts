"use server";

import type { z } from "zod";
import { saveConnection, testConnection } from "#lib/tenants/connection";
import type { connectionSchema } from "#lib/tenants/connection-schema";
import { act } from "../../../../action.ts";

export async function saveConnectionAction(tenantId: number, input: z.input<typeof connectionSchema>) {
  return act((actor) => saveConnection(actor, tenantId, input));
}

export async function testConnectionAction(tenantId: number, _nothing: null) {
  return act((actor) => testConnection(actor, tenantId));
}
