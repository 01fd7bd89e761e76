import { type ParseArgsConfig, parseArgs } from "node:util";
import { disconnect } from "#lib/db/client";
import { tlsFault } from "#lib/db/tls-fault";
import { isUnreachable } from "#lib/db/transaction";
import { encryptionKeyIds } from "#lib/sealed-credential";
import type { Contents, OnProgress } from "./format.ts";
import { PlaceFault } from "./place-fault.ts";
import { verifyAll } from "./verify-all.ts";

/** A command that was called in a way that it does not understand. */
export class Misunderstood extends Error {}

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Seconds between two lines about the same table. */
const sayEverySeconds = 5;

/**
 * Runs a command: the process ends with 0, with 1 when something is wrong, or with 2 when it was not understood. What it is
 * doing is said on standard error, what came of it on standard output.
 */
export async function archiveCommand<O extends Options>(
  help: string,
  options: O,
  run: (values: ReturnType<typeof parseArgs<{ options: O }>>["values"]) => Promise<void>,
): Promise<void> {
  const wantsHelp = process.argv.slice(2).some((arg) => arg === "--help" || arg === "-h");
  try {
    if (wantsHelp) console.log(help);
    else await run(understood(() => parseArgs({ options }).values));
  } catch (error) {
    process.exitCode = error instanceof Misunderstood ? 2 : 1;
    if (error instanceof Misunderstood) console.error(`${error.message}\n\n${help}`);
    else if (error instanceof PlaceFault) console.error(error.message);
    else if (isUnreachable(error))
      console.error(
        tlsFault(error) ?? "The database cannot be reached. Is it running, and is its URL right?",
      );
    else console.error(error instanceof Error ? error.message : error);
  } finally {
    await disconnect();
  }
}

function understood<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Misunderstood(error instanceof Error ? error.message : String(error));
  }
}

/** Says how far a file is: one line a table, and one every few seconds within a long one. */
export function sayProgress(): OnProgress {
  let said = performance.now();
  return ({ table, rows, bytes, done }) => {
    if (!done && performance.now() - said < sayEverySeconds * 1000) return;
    said = performance.now();
    console.error(`  ${table}: ${rows} rows, ${inMegabytes(bytes)}${done ? "" : " so far"}`);
  };
}

/** What is in a file, as lines. */
export function linesOf({ header, tables, rows }: Contents): string[] {
  const whose = header.tenant
    ? `Tenant ${header.tenant.id} ${JSON.stringify(header.tenant.name)}`
    : "All tenants";
  return [
    `${whose} as of ${header.taken_at}: ${rows} rows in ${tables.length} tables. TenantPilot ${header.product}, schema ` +
      `${header.migrations.at(-1)}.`,
    ...keyLines(header.encryption_keys),
  ];
}

/** Which keys open what is encrypted in a file, and whether this process has them. */
function keyLines(needed: readonly string[]): string[] {
  if (needed.length === 0) return ["It has no credentials."];
  const own = encryptionKeyIds();
  return needed.map((id) => {
    if (id === "unnamed")
      return "Credentials stay encrypted; some are from before keys had ids, and need the key of that time.";
    return `Credentials stay encrypted, and need the key with the id ${id}: ${
      own.includes(id)
        ? "it is the one that is set here. Keep it apart from the backup."
        : "it is not among TENANTPILOT_ENCRYPTION_KEYS here. Without it, owners enter their credentials anew."
    }`;
  });
}

/** Proves all sets and audit logs, and says what came of it. */
export async function sayProof(): Promise<void> {
  let said = performance.now();
  const proof = await verifyAll(({ sets }, tenant) => {
    if (performance.now() - said < sayEverySeconds * 1000) return;
    said = performance.now();
    console.error(`  ${sets} sets so far; at tenant ${tenant}`);
  });
  for (const fault of proof.faults) console.error(fault);
  const { tenants, sets, items, audit_logs, audit_entries, faults } = proof;
  console.log(
    `${sets} sets with ${items} items of ${tenants} tenants, and ${audit_entries} entries of ${audit_logs} audit logs: ` +
      `${faults.length === 0 ? "all whole." : `${faults.length} faults.`}`,
  );
  if (faults.length > 0) process.exitCode = 1;
}

export function inMegabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
