import { commandLine } from "#lib/platform/by";
import { setAdministrator } from "#lib/platform/people";
import { accountCommand } from "./command.ts";

const help = `Makes somebody who has an account a platform administrator, or takes that from them.

  npm run user:administrator -- --email EMAIL            makes them one
  npm run user:administrator -- --email EMAIL --remove   takes it from them; the last one stays

Needs DATABASE_URL. Who has no account yet gets one by \`npm run admin:create\`.`;

await accountCommand(help, { remove: { type: "boolean" } }, async (db, email, { remove }) => {
  const wanted = remove !== true;
  const changed = await setAdministrator(db, commandLine, { email }, wanted);
  const state = wanted ? "a platform administrator" : "no platform administrator";
  return [`${email} ${changed ? "is" : "was"} ${state}${changed ? " now" : " already"}.`];
});
