import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { anchorsIn, parseAnchor, parseChain } from "#lib/audit/anchors";
import { type Anchor, platformChain } from "#lib/audit/chain";
import { chainsThere, type ReadRows, type VerifiedChain, verifyChain } from "#lib/audit/verify";
import { disconnect } from "#lib/db/client";
import { tlsFault } from "#lib/db/tls-fault";
import { isUnreachable, transaction } from "#lib/db/transaction";

const help = `Verifies the audit log of every tenant, and the platform's own: that no entry was changed, removed, put in or moved.

  npm run audit:verify -- [--tenant ID|platform] [--anchor SEQUENCE:HASH]... [--anchors FILE]...

  --tenant    only this one
  --anchor    a head that was noted earlier, as SEQUENCE:HASH with --tenant, or as TENANT:SEQUENCE:HASH. Only with anchors
              a log is found that was cut off, or computed anew, up to its end
  --anchors   a file with any number of them: the service's log, or (with --tenant) an export of the audit log

Needs DATABASE_URL, as web does. Ends with 0 when all is as it was written, with 1 when it is not or
the database does not answer, with 2 when it does not understand.`;

class Misunderstood extends Error {}

async function main(): Promise<void> {
  const { values } = readOptions();
  if (values.help) return console.log(help);
  const only = values.tenant === undefined ? null : parseChain(values.tenant);
  if (values.tenant !== undefined && only === null)
    throw new Misunderstood("--tenant takes the id of a tenant, or platform.");
  const anchors = await readAnchors(values, only);
  const chains = new Set([...(only === null ? await chainsThere(read) : [only]), ...anchors.keys()]);
  let faults = 0;
  for (const chain of [...chains].sort((a, b) => a - b)) {
    if (only !== null && chain !== only) continue;
    const verified = await verifyChain(read, chain, anchors.get(chain));
    if (verified.fault) faults += 1;
    console.log(lineOf(verified));
  }
  if (faults > 0) process.exitCode = 1;
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        tenant: { type: "string" },
        anchor: { type: "string", multiple: true, default: [] },
        anchors: { type: "string", multiple: true, default: [] },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new Misunderstood(error instanceof Error ? error.message : String(error));
  }
}

async function readAnchors(
  { anchor, anchors }: { anchor: string[]; anchors: string[] },
  only: number | null,
): Promise<Map<number, Anchor[]>> {
  const found = new Map<number, Anchor[]>();
  const note = (each: Anchor) => {
    const known = found.get(each.chain);
    if (known) known.push(each);
    else found.set(each.chain, [each]);
  };
  for (const text of anchor) {
    const parsed = parseAnchor(text, only);
    if (!parsed)
      throw new Misunderstood(
        `${text} is no anchor: write SEQUENCE:HASH with --tenant, or TENANT:SEQUENCE:HASH.`,
      );
    note(parsed);
  }
  for (const file of anchors) {
    let count = 0;
    const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
    for await (const each of anchorsIn(lines, only)) {
      note(each);
      count += 1;
    }
    // A file without any proves nothing, and must not look as if it did.
    if (count === 0)
      throw new Misunderstood(`${file} has no anchors. If it is an export, name its tenant with --tenant.`);
  }
  return found;
}

const read: ReadRows = (query) =>
  transaction({ as: "auditor" }, (db) => db.$queryRaw(query), { readOnly: true, timeoutMs: 120_000 });

function lineOf({ chain, entries, head, cut, anchors, fault }: VerifiedChain): string {
  const name = chain === platformChain ? "platform" : `tenant ${chain}`;
  if (fault) return `${name}: NOT AS IT WAS WRITTEN. The log ${fault.what}.`;
  const parts = [`${entries} ${entries === 1 ? "entry" : "entries"}, whole`];
  if (cut !== "0") parts.push(`the first ${cut} removed by retention`);
  if (anchors.held > 0) parts.push(`${anchors.held} ${anchors.held === 1 ? "anchor holds" : "anchors hold"}`);
  if (anchors.removed > 0) parts.push(`${anchors.removed} of entries that retention removed`);
  if (head && head.sequence !== "0") parts.push(`head ${head.sequence}:${head.hash}`);
  return `${name}: ${parts.join("; ")}`;
}

try {
  await main();
} catch (error) {
  process.exitCode = error instanceof Misunderstood ? 2 : 1;
  console.error(
    error instanceof Misunderstood
      ? `${error.message}\n\n${help}`
      : isUnreachable(error)
        ? (tlsFault(error) ?? "The database cannot be reached. Is it running, and is DATABASE_URL right?")
        : error instanceof Error
          ? error.message
          : error,
  );
} finally {
  await disconnect();
}
