import { z } from "zod";
import { operation } from "#lib/operation";

const auditActorView = z.strictObject({
  value: z.string().meta({ description: "As the filter takes it: user:7, token:3" }),
  name: z.string(),
});

/** Someone whose entries the audit log can be filtered by. */
export type AuditActor = z.infer<typeof auditActorView>;

/** The tenant's members and API tokens by name, revoked ones too. Who has left is found from an entry of theirs. */
export const auditActors = operation({
  name: "audit.actors",
  permission: "audit:view",
  effect: "read",
  input: z.strictObject({}),
  output: z.strictObject({ members: z.array(auditActorView), tokens: z.array(auditActorView) }),
  async run({ db }) {
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
