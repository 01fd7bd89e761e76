import { idSchema } from "#lib/ids";
import { invitationDays, inWords } from "#lib/limits";
import { commandLine } from "#lib/platform/by";
import { inviteOwner } from "#lib/platform/tenants";
import { accountCommand, Misunderstood } from "./accounts/command.ts";

const help = `Invites an owner of a tenant that has none who can act: the last one's account is disabled, or nobody has accepted.

  npm run tenant:invite-owner -- --id ID --email EMAIL

Needs DATABASE_URL. The link is printed once; whoever has the account of the address accepts with it, or makes one.`;

await accountCommand(help, { id: { type: "string" } }, async (db, email, { id }) => {
  const tenant = idSchema.safeParse(Number(id));
  if (!tenant.success) throw new Misunderstood("--id needs the number of a tenant.");
  const { path } = await inviteOwner(db, commandLine, { tenant_id: tenant.data, email });
  return [
    `${email} owns the tenant as soon as they accept this invitation, within ${inWords(invitationDays)} days:`,
    `${process.env.NEXTAUTH_URL ?? ""}${path}`,
  ];
});
