import { type ParseArgsConfig, parseArgs } from "node:util";
import { disconnect } from "#lib/db/client";
import { type Tx, transaction } from "#lib/db/transaction";
import { resetLinkHours } from "#lib/limits";
import { inviteSchema } from "#lib/members/invitation-schema";
import type { ResetLink } from "#lib/platform/people";

/** A command that was called in a way that it does not understand. */
export class Misunderstood extends Error {}

type Options = NonNullable<ParseArgsConfig["options"]>;

/**
 * Runs a command on one person's account, in one transaction: reads its options, of which `--email` is needed, and tells what
 * came of it. The process ends with 0, with 1 when it could not be done, or with 2 when the command was not understood.
 * @param run says what it did, as lines
 */
export async function accountCommand<O extends Options>(
  help: string,
  options: O,
  run: (db: Tx, email: string, values: Readonly<Record<string, unknown>>) => Promise<string[]>,
): Promise<void> {
  try {
    const values = read(options);
    if (values.help === true) return console.log(help);
    const email = inviteSchema.shape.email.safeParse(values.email);
    if (!email.success) throw new Misunderstood("--email needs an email address.");
    const said = await transaction({ as: "identity" }, (db) => run(db, email.data, values));
    for (const line of said) console.log(line);
  } catch (error) {
    process.exitCode = error instanceof Misunderstood ? 2 : 1;
    console.error(
      error instanceof Misunderstood
        ? `${error.message}\n\n${help}`
        : error instanceof Error
          ? error.message
          : error,
    );
  } finally {
    await disconnect();
  }
}

/** What somebody is told who hands a link on. */
export function linkLines({ path }: ResetLink, email: string): string[] {
  return [
    `Whoever opens this link within ${resetLinkHours} hours chooses the password of ${email}. Hand it to nobody else:`,
    `${process.env.NEXTAUTH_URL ?? ""}${path}`,
  ];
}

function read(options: Options): Record<string, unknown> {
  try {
    return parseArgs({
      options: { ...options, email: { type: "string" }, help: { type: "boolean", short: "h" } },
    }).values;
  } catch (error) {
    throw new Misunderstood(error instanceof Error ? error.message : String(error));
  }
}
