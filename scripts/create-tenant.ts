import { parseArgs } from "node:util";
import { disconnect } from "#lib/db/client";
import { initialPasswordDays, inWords } from "#lib/limits";
import { inviteSchema } from "#lib/members/invitation-schema";
import { provisionTenantFor } from "#lib/members/provision-tenant";
import { nameSchema } from "#lib/name-schema";

const help = `Creates a tenant and its first owner.

  npm run tenant:create -- --name NAME --owner-email EMAIL [--owner-name NAME] [--another]

  --another   makes one more where there is a tenant of that name, which is refused without it

Needs DATABASE_URL. If nobody has this email yet, a first password is made and printed once, to be changed at the first
sign-in. Otherwise the link of an invitation is printed, which the owner accepts with the account they have.`;

function readOptions() {
  try {
    return parseArgs({
      options: {
        name: { type: "string" },
        "owner-email": { type: "string" },
        "owner-name": { type: "string" },
        another: { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`);
    process.exit(2);
  }
}

const { name, "owner-email": email, "owner-name": ownerName, another, help: wantsHelp } = readOptions();
if (wantsHelp) {
  console.log(help);
} else if (!name || !email || !inviteSchema.shape.email.safeParse(email).success) {
  console.error(`--name and --owner-email are needed, the latter as an email address.\n\n${help}`);
  process.exitCode = 2;
} else if (![name, ownerName ?? email].every((each) => nameSchema.safeParse(each).success)) {
  console.error(
    "A name has 1 to 200 characters, none of them invisible, and none that turns the direction of text.",
  );
  process.exitCode = 2;
} else {
  try {
    await create(name, email);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    await disconnect();
  }
}

async function create(name: string, email: string): Promise<void> {
  const made = await provisionTenantFor(name, { email, name: ownerName ?? email }, { another });
  if ("first_password" in made) {
    console.log(`Tenant ${made.tenant_id} "${name}" was created; ${email} owns it.`);
    console.log(`First password, for ${inWords(initialPasswordDays)} days: ${made.first_password}`);
  } else {
    const link = `${process.env.NEXTAUTH_URL ?? ""}${made.invitation_path}`;
    console.log(
      `Tenant ${made.tenant_id} "${name}" was created. ${email} has an account already, and owns the tenant`,
    );
    console.log(`as soon as they accept this invitation, within seven days: ${link}`);
  }
}
