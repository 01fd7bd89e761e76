import { nameSchema } from "#lib/name-schema";
import { commandLine } from "#lib/platform/by";
import { makeAdministrator } from "#lib/platform/people";
import { accountCommand, linkLines, Misunderstood } from "./command.ts";

const help = `Makes an account for a platform administrator, who looks after tenants and accounts, but sees nothing of a tenant's.

  npm run admin:create -- --email EMAIL [--name NAME]

Needs DATABASE_URL. A link is printed by which the person chooses a password. Who has an account already is made an administrator
by \`npm run user:administrator\`.`;

await accountCommand(help, { name: { type: "string" } }, async (db, email, { name }) => {
  const named = nameSchema.safeParse(name ?? email);
  if (!named.success)
    throw new Misunderstood(
      "A name has 1 to 200 characters, none of them invisible, and none that turns the direction of text.",
    );
  const { link } = await makeAdministrator(db, commandLine, { email, name: named.data });
  return [`${email} has an account now, as a platform administrator.`, ...linkLines(link, email)];
});
