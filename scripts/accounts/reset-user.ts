import { commandLine } from "#lib/platform/by";
import { makeResetLink } from "#lib/platform/people";
import { accountCommand, linkLines } from "./command.ts";

const help = `Makes a link by which somebody who forgot their password chooses another one.

  npm run user:reset -- --email EMAIL

Needs DATABASE_URL. The link works once. An earlier one stops working. When it is used, all sessions of the person end.`;

await accountCommand(help, {}, async (db, email) =>
  linkLines(await makeResetLink(db, commandLine, { email }), email),
);
