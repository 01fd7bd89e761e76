import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { disconnect } from "#lib/db/client";
import { provisionTenant } from "#lib/tenants/provision";

const help = `Creates a tenant and its first owner.

  npm run tenant:create -- --name NAME --owner-email EMAIL [--owner-name NAME]

Needs DATABASE_URL. If nobody has this email yet, a first password is made and printed once.`;

function readOptions() {
  try {
    return parseArgs({
      options: {
        name: { type: "string" },
        "owner-email": { type: "string" },
        "owner-name": { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`);
    process.exit(2);
  }
}

const { name, "owner-email": email, "owner-name": ownerName, help: wantsHelp } = readOptions();
if (wantsHelp) {
  console.log(help);
} else if (!name || !email?.includes("@")) {
  console.error(`--name and --owner-email are needed.\n\n${help}`);
  process.exitCode = 2;
} else {
  const password = randomBytes(12).toString("base64url");
  const { tenant_id, new_users } = await provisionTenant(name, [
    { email, name: ownerName ?? email, role: "owner", password },
  ]);
  console.log(`Tenant ${tenant_id} "${name}" was created; ${email} owns it.`);
  console.log(
    new_users.length > 0 ? `First password: ${password}` : "They sign in with the password they have.",
  );
  await disconnect();
}
