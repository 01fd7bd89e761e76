import { randomBytes } from "node:crypto";
import type pg from "pg";
import type { Actor } from "#lib/access/actor";
import { provisionTenant } from "#lib/members/provision-tenant";

/** The only tenant of a bench's database, and its owner. */
export async function benchTenant(admin: pg.Pool): Promise<{ tenant_id: number; owner: Actor }> {
  const { tenant_id } = await provisionTenant("Bench", [
    { email: "owner@bench.example", name: "Owner", role: "owner", password: randomBytes(16).toString("hex") },
  ]);
  const { rows } = await admin.query<{ user_id: number }>("SELECT user_id FROM memberships");
  return { tenant_id, owner: { kind: "user", user_id: rows[0]?.user_id ?? 0 } };
}
