import { parseArgs } from "node:util";
import { disconnect } from "#lib/db/client";
import { transaction } from "#lib/db/transaction";
import { idSchema } from "#lib/ids";
import { commandLine } from "#lib/platform/by";
import { beginDeletion, finishDeletion, withoutWaiting } from "#lib/platform/delete-tenant";

const help = `Deletes an archived tenant for good, with everything in it. There is no way back.

  npm run tenant:delete -- --id ID --name NAME         once it has been archived for long enough
  npm run tenant:delete -- --id ID --name NAME --now   at once, as the owner of the database

Needs DATABASE_URL, and with --now DATABASE_OWNER_URL. The name is a sign that this tenant is meant.`;

function readOptions() {
  try {
    return parseArgs({
      options: {
        id: { type: "string" },
        name: { type: "string" },
        now: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`);
    process.exit(2);
  }
}

const { id, name, now, help: wantsHelp } = readOptions();
const tenantId = idSchema.safeParse(Number(id));
if (wantsHelp) {
  console.log(help);
} else if (!tenantId.success || !name) {
  console.error(`--id and --name are needed, the former as a number.\n\n${help}`);
  process.exitCode = 2;
} else {
  const owner = process.env.DATABASE_OWNER_URL;
  if (now && owner) process.env.DATABASE_URL = owner;
  const tenant = { tenant_id: tenantId.data, name };
  try {
    await transaction({ as: "identity" }, (db) => {
      const begin = () => beginDeletion(db, commandLine, tenant);
      return now ? withoutWaiting(db, begin) : begin();
    });
    await finishDeletion(tenantId.data);
    console.log(`The tenant ${tenantId.data} "${name}" is gone.`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    await disconnect();
  }
}
