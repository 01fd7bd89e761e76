import { randomBytes } from "node:crypto";
import type { Actor } from "#lib/access/actor";
import { type Role, roles } from "#lib/access/permissions";
import { saveConnection } from "#lib/connection/connection";
import { transaction } from "#lib/db/transaction";
import { provisionTenant, provisionToken } from "#lib/members/provision-tenant";
import { startRuns } from "#lib/runs/start";
import { createSchedule } from "#lib/schedules/create";
import type { ScheduleCreateInput } from "#lib/schedules/schema";

/** A tenant of the Graph sandbox, as the demo's connection reaches it. */
export interface DemoSandboxTenant {
  entraTenantId: string;
  clientId: string;
  clientSecret: string;
}

/** What demo.json tells about people, tenants and tokens; passwords and tokens in clear. */
export interface DemoSeed {
  users: { email: string; password: string; role: Role; tenant_ids: number[] }[];
  tenants: { id: number; name: string }[];
  api_tokens: { tenant_id: number; role: Role; token: string }[];
}

const demoTenants = [
  { name: "Contoso", domain: "contoso.example", timezone: "Europe/Berlin" },
  { name: "Fabrikam", domain: "fabrikam.example", timezone: "America/New_York" },
];

/**
 * Fills an empty database with the demo: two tenants, a person and a token of every role in each, one person
 * who looks after both, connections to the sandbox, and schedules whose first runs begin as soon as a worker
 * is there. Needs DATABASE_URL, TENANTPILOT_ENCRYPTION_KEY and the sandbox's URLs in the environment.
 * @param options.sandboxTenants one for each demo tenant, in order
 */
export async function seedDemo(options: { sandboxTenants: readonly DemoSandboxTenant[] }): Promise<DemoSeed> {
  const seed: DemoSeed = { users: [], tenants: [], api_tokens: [] };
  const provider = { email: "provider@tenantpilot.example", password: newPassword() };
  for (const [index, { name, domain, timezone }] of demoTenants.entries()) {
    const people = roles.map((role) => ({
      email: `${role}@${domain}`,
      name: `${role.charAt(0).toUpperCase()}${role.slice(1)} of ${name}`,
      role,
      password: newPassword(),
    }));
    const { tenant_id: id } = await provisionTenant(name, [
      ...people,
      { ...provider, name: "Managed service provider", role: "owner" as const },
    ]);
    seed.tenants.push({ id, name });
    seed.users.push(
      ...people.map(({ email, password, role }) => ({ email, password, role, tenant_ids: [id] })),
    );
    for (const role of roles) {
      seed.api_tokens.push({
        tenant_id: id,
        role,
        token: await provisionToken(id, `Demo token (${role})`, role),
      });
    }
    const owner = await ownerOf(id);
    const sandbox = options.sandboxTenants[index % Math.max(1, options.sandboxTenants.length)];
    if (!sandbox) continue;
    await saveConnection(owner, id, {
      cloud: "sandbox",
      entra_tenant_id: sandbox.entraTenantId,
      client_id: sandbox.clientId,
      credential_kind: "secret",
      credential: sandbox.clientSecret,
    });
    const schedule_ids: number[] = [];
    for (const schedule of demoSchedules(timezone))
      schedule_ids.push((await createSchedule(owner, id, schedule)).id);
    await startRuns(owner, id, { schedule_ids });
  }
  seed.users.push({ ...provider, role: "owner", tenant_ids: seed.tenants.map((tenant) => tenant.id) });
  return seed;
}

function demoSchedules(timezone: string): ScheduleCreateInput[] {
  return [
    {
      name: "Nightly: everything that changes often",
      timezone,
      frequency: "daily",
      time_of_day: "02:00",
      policy_types: [
        "settingsCatalogPolicy",
        "endpointSecurityPolicy",
        "securityBaselinePolicy",
        "deviceConfiguration",
        "deviceCompliancePolicy",
      ],
      retention_keep_last: 30,
      start_window_minutes: 15,
    },
    {
      name: "Update rings and drivers",
      timezone,
      frequency: "weekly",
      days_of_week: [1, 4],
      time_of_day: "06:30",
      policy_types: ["windowsUpdateRing", "windowsDriverUpdateProfile"],
      include_foundations: false,
      retention_keep_last: 12,
    },
    {
      name: "Identity: conditional access and app protection",
      timezone,
      frequency: "daily",
      time_of_day: "12:15",
      policy_types: ["conditionalAccessPolicy", "appProtectionPolicy"],
      retention_keep_last: 60,
    },
  ];
}

async function ownerOf(tenantId: number): Promise<Actor> {
  const owner = await transaction({ as: "app", tenant_id: tenantId }, (db) =>
    db.membership.findFirstOrThrow({ where: { role: "owner" }, orderBy: { user_id: "asc" } }),
  );
  return { kind: "user", user_id: owner.user_id };
}

/** 16 characters that can be read aloud and typed: no 0/O or 1/l. */
function newPassword(): string {
  const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  const letters = [...randomBytes(16)].map((byte) => alphabet[byte % alphabet.length]);
  return letters.join("").replace(/(.{4})(?=.)/g, "$1-");
}
