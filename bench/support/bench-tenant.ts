import { randomBytes } from "node:crypto";
import type pg from "pg";
import type { Actor } from "#lib/access/actor";
import { saveConnection } from "#lib/connection/connection";
import { provisionTenant } from "#lib/members/provision-tenant";
import { policyTypeKeys } from "#lib/policies/catalog";
import { createSchedule } from "#lib/schedules/create";
import type { Schedule } from "#lib/schedules/schema";

/** A tenant of a bench, and its owner. */
export interface BenchTenant {
  tenant_id: number;
  owner: Actor;
}

/** By what the Graph sandbox knows a tenant. */
interface Twin {
  entraTenantId: string;
  clientId: string;
  clientSecret: string;
}

/** A tenant whose owner is `owner@NAME.example`; who is there already owns it too. @param name letters, digits and hyphens */
export async function benchTenant(admin: pg.Pool, name = "bench"): Promise<BenchTenant> {
  const email = `owner@${name}.example`;
  const { tenant_id } = await provisionTenant("Bench", [
    { email, name: "Owner", role: "owner", password: randomBytes(16).toString("hex") },
  ]);
  const { rows } = await admin.query<{ id: number }>("SELECT id FROM users WHERE email = $1", [email]);
  return { tenant_id, owner: { kind: "user", user_id: rows[0]?.id ?? 0 } };
}

/** The same, connected to a tenant of the Graph sandbox. */
export async function connectedTenant(admin: pg.Pool, twin: Twin, name?: string): Promise<BenchTenant> {
  const made = await benchTenant(admin, name);
  await saveConnection(made.owner, made.tenant_id, {
    cloud: "sandbox",
    entra_tenant_id: twin.entraTenantId,
    client_id: twin.clientId,
    credential_kind: "secret",
    credential: twin.clientSecret,
  });
  return made;
}

/** A schedule of all types and foundations. @param more what it has beside */
export function nightlySchedule(
  { owner, tenant_id }: BenchTenant,
  more: { name?: string; retention_keep_last?: number } = {},
): Promise<Schedule> {
  return createSchedule(owner, tenant_id, {
    name: "Nightly",
    timezone: "UTC",
    frequency: "daily",
    time_of_day: "02:00",
    policy_types: [...policyTypeKeys],
    include_foundations: true,
    ...more,
  });
}
