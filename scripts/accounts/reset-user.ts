import { commandLine } from "#lib/platform/by";
import { makeResetLink, removeSecondFactorOf } from "#lib/platform/people";
import { accountCommand, linkLines } from "./command.ts";

const help = `Lets somebody in again who forgot their password, or lost their authenticator app.

  npm run user:reset -- --email EMAIL                          makes a link by which they choose another password
  npm run user:reset -- --email EMAIL --remove-second-factor   turns their two-step sign-in off, and leaves the password

Needs DATABASE_URL. The link works once. An earlier one stops working. When it is used, all sessions of the person end; two-step
sign-in stays on. Turning that off ends all sessions at once. Who lost both needs both commands.`;

const options = { "remove-second-factor": { type: "boolean" } } as const;

await accountCommand(help, options, async (db, email, values) => {
  if (values["remove-second-factor"] !== true)
    return linkLines(await makeResetLink(db, commandLine, { email }), email);
  return (await removeSecondFactorOf(db, commandLine, { email }))
    ? [`Two-step sign-in of ${email} is off, and all sessions have ended. The password is as before.`]
    : [`Two-step sign-in of ${email} was off already.`];
});
