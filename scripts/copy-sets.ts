import { archiveCommand, Misunderstood } from "./archive/command.ts";
import { copiesInBucket } from "./archive/copies-in-bucket.ts";
import { copiesInFolder } from "./archive/copies-in-folder.ts";
import { copySets } from "./archive/copy-sets.ts";

const help = `Copies backup sets into a folder, such as a mounted share, or into a bucket of S3: each once, as the ZIP of its export.

  npm run sets:copy -- --to FOLDER|s3://BUCKET[/PREFIX] [--tenant ID] [--verify]

  --to          gets a folder for each tenant, with set-ID-HASH.zip of each set and SHA256SUMS, which sha256sum -c checks
  --tenant ID   only this tenant
  --verify      holds the copies that are there against their hashes, and copies anew what does not match; a copy whose set is
                gone is named

Each set is proven before it is copied; a damaged one is not, and is named. May be stopped and repeated, by cron for
instance: what is there is not copied again, and never removed. Needs DATABASE_URL, as web does; for a bucket also AWS's own
variables or files (AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY; AWS_ENDPOINT_URL_S3 for another server than AWS's).

Ends with 0, with 1 when a set or a copy was damaged, could not be read or could not be written, with 2 when it does not
understand. What is wrong with one set, tenant or copy keeps no other from being copied; a folder or bucket that is full, cannot be
reached or may not be written ends it at once.`;

/** Seconds between two lines. */
const sayEverySeconds = 5;

await archiveCommand(
  help,
  { to: { type: "string" }, tenant: { type: "string" }, verify: { type: "boolean", default: false } },
  async ({ to, tenant, verify }) => {
    if (to === undefined) throw new Misunderstood("Say --to, with a folder or a bucket.");
    if (tenant !== undefined && !/^[1-9]\d{0,8}$/.test(tenant))
      throw new Misunderstood("--tenant takes an id.");
    let said = performance.now();
    const { tenants, copied, kept, faults } = await copySets({
      to: to.startsWith("s3://") ? await copiesInBucket(to) : copiesInFolder(to),
      verify,
      ...(tenant === undefined ? {} : { tenant: Number(tenant) }),
      onProgress(done, at) {
        if (performance.now() - said < sayEverySeconds * 1000) return;
        said = performance.now();
        console.error(`  ${done.copied} sets copied so far, ${done.kept} were there; at tenant ${at}`);
      },
      onFault: (fault) => console.error(fault),
    });
    if (faults.length > 0) process.exitCode = 1;
    console.log(`${copied} sets copied, ${kept} were there, of ${tenants} tenants; ${faults.length} faults.`);
  },
);
