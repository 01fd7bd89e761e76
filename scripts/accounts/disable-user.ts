import { commandLine } from "#lib/platform/by";
import { setDisabled } from "#lib/platform/people";
import { accountCommand } from "./command.ts";

const help = `Disables somebody's account: they cannot sign in, and their sessions and the tokens that they made end at once.

  npm run user:disable -- --email EMAIL            disables the account
  npm run user:disable -- --email EMAIL --enable   enables it again; sessions that have ended do not come back

Needs DATABASE_URL.`;

await accountCommand(help, { enable: { type: "boolean" } }, async (db, email, { enable }) => {
  const disabled = enable !== true;
  const changed = await setDisabled(db, commandLine, { email }, disabled);
  const state = disabled ? "disabled" : "enabled";
  return [changed ? `The account of ${email} is ${state}.` : `The account of ${email} was ${state} already.`];
});
