import { z } from "zod";
import { makeDefaultTarget } from "#lib/alerts/defaults";
import type { AuditAction } from "#lib/audit/actions";
import { writeAuditEntries } from "#lib/audit/write";
import { inTenant, type Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { inviteSchema, type NewInvitation } from "#lib/members/invitation-schema";
import { withdrawInvitationsOfAddress, writeInvitation } from "#lib/members/invitations";
import { newInvitationView } from "#lib/members/views";
import { nameSchema } from "#lib/name-schema";
import { administratorOperation } from "#lib/operation";
import { present } from "#lib/present";
import { id } from "#lib/view-fields";
import type { By } from "./by.ts";
import { noSuchTenant } from "./delete-tenant.ts";
import { type PlatformTenant, platformTenantView } from "./schema.ts";

const tenantOnly = z.strictObject({ tenant_id: idSchema });

/** All tenants by name, with how many people are in them, and nothing of what else is. */
export const listTenants = administratorOperation({
  name: "platform.list_tenants",
  effect: "read",
  input: z.strictObject({}),
  output: z.array(platformTenantView),
  http: {
    method: "GET",
    path: "/platform/tenants",
    operationId: "listAllTenants",
    summary: "All tenants of the installation",
    description: "Not what is in them: that takes a membership. Not paged.",
    tag: "Platform",
    answer: "In the order of their names",
  },
  async run({ db }) {
    const rows = await db.$queryRaw<
      (Omit<PlatformTenant, "created_at" | "archived_at" | "deletable_at"> & {
        created_at: Date;
        archived_at: Date | null;
        deletable_at: Date | null;
      })[]
    >`
      SELECT t.id, t.name, t.created_at, t.archived_at, t.archived_at + tenant_deletion_wait() AS deletable_at, t.deleted_at IS NOT NULL AS is_being_deleted,
             count(m.user_id)::int AS members,
             (count(*) FILTER (WHERE m.role = 'owner' AND u.disabled_at IS NULL))::int AS owners
      FROM tenants t LEFT JOIN memberships m ON m.tenant_id = t.id LEFT JOIN users u ON u.id = m.user_id
      GROUP BY t.id ORDER BY lower(t.name), t.id`;
    return rows.map((row) => present(platformTenantView, row));
  },
});

/** Makes a tenant, and invites its first owner. Whoever makes it is no member. */
export const createTenant = administratorOperation({
  name: "platform.create_tenant",
  effect: "write",
  input: z.strictObject({ name: nameSchema, owner_email: inviteSchema.shape.email }),
  output: z.strictObject({ id, invitation: newInvitationView }),
  http: {
    method: "POST",
    path: "/platform/tenants",
    operationId: "createTenant",
    summary: "Make a tenant, and invite its first owner",
    tag: "Platform",
    status: 201,
    answer: "The tenant, and the link by which its owner accepts, this once",
  },
  async run({ db, by }, { name, owner_email }) {
    const tenant = await db.tenant.create({ data: { name }, select: { id: true } });
    await makeDefaultTarget(db, tenant.id);
    const invitation = await writeInvitation(db, {
      tenant_id: tenant.id,
      email: owner_email,
      role: "owner",
      invited_by: null,
    });
    await note(db, by, tenant.id, "tenant.created", {
      name,
      members: [],
      invited: { email: owner_email, role: "owner" },
    });
    return { id: tenant.id, invitation };
  },
});

/** Gives a tenant another name. @throws AppError NOT_FOUND */
export const renameTenant = administratorOperation({
  name: "platform.rename_tenant",
  effect: "write",
  input: z.strictObject({ tenant_id: idSchema, name: nameSchema }),
  output: z.void(),
  http: {
    method: "PATCH",
    path: "/platform/tenants/{tenantId}",
    operationId: "renameTenant",
    summary: "Rename a tenant",
    tag: "Platform",
    status: 204,
    answer: "Renamed",
  },
  async run({ db, by }, { tenant_id: tenantId, name }) {
    const before = await lockTenant(db, tenantId);
    if (before.name === name) return;
    await db.$executeRaw`UPDATE tenants SET name = ${name} WHERE id = ${tenantId}`;
    await note(db, by, tenantId, "tenant.renamed", { name, before: before.name });
  },
});

/** Archives a tenant: it starts no runs, and is read-only. @throws AppError NOT_FOUND */
export const archiveTenant = administratorOperation({
  name: "platform.archive_tenant",
  effect: "write",
  input: tenantOnly,
  output: z.void(),
  http: {
    method: "POST",
    path: "/platform/tenants/{tenantId}/archive",
    operationId: "archiveTenant",
    summary: "Archive a tenant",
    description:
      "No run starts any more, nothing is removed by retention, and its members look at it and export, no more.",
    tag: "Platform",
    status: 204,
    answer: "Archived",
  },
  async run({ db, by }, { tenant_id: tenantId }) {
    const { name, is_archived } = await lockTenant(db, tenantId);
    if (is_archived) return;
    await db.$executeRaw`UPDATE tenants SET archived_at = now() WHERE id = ${tenantId}`;
    await note(db, by, tenantId, "tenant.archived", { name });
  },
});

/**
 * Takes a tenant back from the archive. Its schedules go on by their rule for missed runs, and its bin counts its days anew: nobody
 * could take anything out of it meanwhile.
 * @throws AppError NOT_FOUND
 */
export const unarchiveTenant = administratorOperation({
  name: "platform.unarchive_tenant",
  effect: "write",
  input: tenantOnly,
  output: z.void(),
  http: {
    method: "POST",
    path: "/platform/tenants/{tenantId}/unarchive",
    operationId: "unarchiveTenant",
    summary: "Take a tenant back from the archive",
    tag: "Platform",
    status: 204,
    answer:
      "As before; what was due meanwhile is treated as after a standstill of the service, and what is in the bin stays there for " +
      "all of its days again",
  },
  async run({ db, by }, { tenant_id: tenantId }) {
    const { name, is_archived } = await lockTenant(db, tenantId);
    if (!is_archived) return;
    await db.$executeRaw`UPDATE tenants SET archived_at = NULL WHERE id = ${tenantId}`;
    await countBinAnew(db, tenantId);
    await note(db, by, tenantId, "tenant.unarchived", { name });
  },
});

/** In the same transaction as the taking back: no purge finds the tenant back and its bin as it was. */
async function countBinAnew(db: Tx, tenantId: number): Promise<void> {
  await inTenant(
    db,
    tenantId,
    () => db.$executeRaw`
      UPDATE backup_sets SET deleted_at = now() WHERE tenant_id = ${tenantId} AND deleted_at IS NOT NULL`,
  );
}

/**
 * Invites an owner of a tenant that has none who can act: the last one's account is disabled, or nobody has accepted. Who is a
 * member already becomes an owner by accepting. An earlier invitation of the address ends.
 * @returns the link, this once
 * @throws AppError NOT_FOUND; CONFLICT while an owner can act, or the tenant is archived
 */
export async function inviteOwner(
  db: Tx,
  by: By,
  { tenant_id, email }: { tenant_id: number; email: string },
): Promise<NewInvitation> {
  const { name, is_archived } = await lockTenant(db, tenant_id);
  if (is_archived) throw new AppError("CONFLICT", "This tenant is archived. Take it back first.");
  const [owner] = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.tenant_id = ${tenant_id} AND m.role = 'owner' AND u.disabled_at IS NULL LIMIT 1`;
  if (owner) throw new AppError("CONFLICT", "This tenant has an owner who can act: owners invite others.");
  const [clock] = await db.$queryRaw<{ now: Date }[]>`SELECT now() AS now`;
  const now = clock?.now ?? new Date();
  await inTenant(db, tenant_id, async () =>
    writeAuditEntries(db, tenant_id, by, await withdrawInvitationsOfAddress(db, email, now)),
  );
  const invitation = await writeInvitation(db, { tenant_id, email, role: "owner", invited_by: null });
  await note(db, by, tenant_id, "tenant.owner_invited", { name, email });
  return invitation;
}

async function lockTenant(db: Tx, tenantId: number): Promise<{ name: string; is_archived: boolean }> {
  const [found] = await db.$queryRaw<{ name: string; is_archived: boolean }[]>`
    SELECT name, archived_at IS NOT NULL AS is_archived FROM tenants WHERE id = ${tenantId} AND deleted_at IS NULL FOR NO KEY UPDATE`;
  if (!found) throw noSuchTenant();
  return found;
}

/** In the tenant's log, for its owners, and in the platform's. */
async function note(
  db: Tx,
  by: By,
  tenantId: number,
  action: AuditAction & `tenant.${string}`,
  details: Record<string, unknown>,
): Promise<void> {
  for (const log of [tenantId, null])
    await writeAuditEntries(db, log, by, [{ action, target: { kind: "tenant", id: tenantId }, details }]);
}
