import { z } from "zod";
import { operation } from "#lib/operation";

/** Someone whose entries the audit log can be filtered by. */
export interface AuditActor {
  /** As the filter takes it: `user:7`, `token:3`. */
  value: string;
  name: string;
}

/** The tenant's members and API tokens by name, revoked ones too. Who has left is found from an entry of theirs. */
export const auditActors = operation({
  name: "audit.actors",
  permission: "audit:view",
  effect: "read",
  input: z.strictObject({}),
  async run({ db }): Promise<{ members: AuditActor[]; tokens: AuditActor[] }> {
    const members = await db.membership.findMany({
      select: { user: { select: { id: true, name: true } } },
      orderBy: { user: { name: "asc" } },
    });
    const tokens = await db.apiToken.findMany({
      select: { id: true, name: true },
      orderBy: { name: "asc" },
    });
    return {
      members: members.map(({ user }) => ({ value: `user:${user.id}`, name: user.name })),
      tokens: tokens.map(({ id, name }) => ({ value: `token:${id}`, name })),
    };
  },
});
