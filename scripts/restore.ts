import { loginsIn } from "#prisma/logins";
import { deletionWaitIn } from "#prisma/migrate";
import { archiveCommand, linesOf, Misunderstood, sayProgress, sayProof } from "./archive/command.ts";
import { restoreBackup } from "./archive/load-backup.ts";

const help = `Restores a file of npm run backup into an empty database, or proves what is in a database.

  npm run restore -- --from FILE [--verify]
  npm run restore -- --verify

  --from FILE   applies the migrations and loads the file, in one transaction: all of it, or nothing. The database has to be
                there, empty, and owned by DATABASE_OWNER_URL; web and worker must not run on it
  --verify      proves every backup set, from the stored bytes of each policy, and every audit log, and changes nothing

Needs the variables of npm run migrate. The proof alone needs DATABASE_URL, as web does. docs/backup.md.

Ends with 0, with 1 when it could not be done or something is not whole, with 2 when it does not understand.`;

await archiveCommand(
  help,
  { from: { type: "string" }, verify: { type: "boolean", default: false } },
  async ({ from, verify }) => {
    if (from === undefined && !verify) throw new Misunderstood("Say --from, or --verify, or both.");
    const logins = loginsIn(process.env);
    if (!logins)
      throw new Error("DATABASE_OWNER_URL is not set: name the empty PostgreSQL database, as its owner.");
    // Where no other login is named, the owner can do the proof as well.
    process.env.DATABASE_URL ||= logins.owner;
    if (from !== undefined) {
      const deletionWaitHours = deletionWaitIn(process.env);
      const contents = await restoreBackup(logins.owner, {
        from,
        logins: logins.others,
        deletionWaitHours,
        log: (line) => console.error(line),
        onProgress: sayProgress(),
      });
      for (const line of ["Restored.", ...linesOf(contents)]) console.log(line);
    }
    if (verify) await sayProof();
  },
);
// The migrations' engine leaves a timer of ten seconds behind, which would keep this process.
process.exit();
