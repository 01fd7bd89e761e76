import { loginsIn } from "#prisma/logins";
import { archiveCommand, inMegabytes, linesOf, Misunderstood, sayProgress } from "./archive/command.ts";
import { readFormat } from "./archive/format.ts";
import { writeBackup } from "./archive/write-backup.ts";
import { joinEnvironment } from "./environment.ts";

const help = `Backs up the database, or one tenant of it, into a file; or proves that such a file is whole.

  npm run backup -- --to FILE [--tenant ID|NAME]
  npm run backup -- --verify FILE

  --to FILE       the file, which replaces one of that name once it is whole; - is standard output (npm run --silent)
  --tenant        only this tenant, with the people who are its members
  --verify FILE   reads the file to its end and holds it against its hashes; needs no database

Needs DATABASE_OWNER_URL, as npm run migrate does; the owner need not be a superuser. Everything else goes on meanwhile. The
file holds hashes of passwords and tokens, and credentials as they are in the database: encrypted. docs/backup.md.

Ends with 0, with 1 when it could not be done or the file is not whole, with 2 when it does not understand.`;

await archiveCommand(
  help,
  {
    to: { type: "string" },
    tenant: { type: "string" },
    verify: { type: "string" },
    // As of every command that joins a TenantPilot (scripts/environment.ts).
    "data-dir": { type: "string" },
  },
  async ({ to, tenant, verify }) => {
    if (verify !== undefined && to === undefined && tenant === undefined) return verifyFile(verify);
    if (to === undefined || verify !== undefined) throw new Misunderstood("Say either --to or --verify.");
    const { env } = await joinEnvironment(process.argv.slice(2));
    const logins = loginsIn(env);
    if (!logins)
      throw new Error(
        "DATABASE_OWNER_URL is not set: name the PostgreSQL database to back up, as its owner.",
      );
    Object.assign(process.env, env, { DATABASE_URL: env.DATABASE_URL || logins.owner });
    const contents = await writeBackup(logins.owner, {
      to,
      ...(tenant === undefined ? {} : { tenant }),
      onProgress: sayProgress(),
      signal: stopped(),
    });
    const say = to === "-" ? console.error : console.log;
    if (contents.size !== null) say(`${to}: ${inMegabytes(contents.size)}.`);
    for (const line of linesOf(contents)) say(line);
  },
);

async function verifyFile(file: string): Promise<void> {
  const contents = await readFormat(file, undefined, sayProgress());
  // Settings are read as a whole, and want one. Nothing connects.
  process.env.DATABASE_URL ||= "postgresql://none";
  for (const line of ["The file is whole.", ...linesOf(contents)]) console.log(line);
}

/** So that no half of a file stays behind. */
function stopped(): AbortSignal {
  const stop = new AbortController();
  // Not once: Ctrl+C comes from the terminal and from npm, and the second would end the process before the file is taken away.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => stop.abort(new Error(`Stopped by ${signal}. No file was written.`)));
  return stop.signal;
}
