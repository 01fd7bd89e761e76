import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { copierActor } from "#lib/access/actor";
import { transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { proveSets } from "#lib/integrity/verify";
import { exportSet, setsToExport } from "#lib/sets/export";
import { flushFolder } from "./write-backup.ts";

export interface CopyOptions {
  /** The folder of all copies, made when missing. */
  to: string;
  /** The id of the only tenant to copy. */
  tenant?: number;
  /** Holds the copies that are there against their hashes first, and copies anew what does not match. */
  verify?: boolean;
  onProgress?(copied: Copied, tenant: number): void;
}

/** What was done, and what is wrong, in sentences. */
export interface Copied {
  tenants: number;
  copied: number;
  /** Were there already. */
  kept: number;
  faults: string[];
}

/** As of `sha256sum`, which can check the folder by itself. */
const sumsFile = "SHA256SUMS";

/**
 * Copies every backup set that is not in the bin into a folder, once: a folder a tenant, and in it the ZIP of each set and the
 * hashes of all. Each set is proven before it is copied. May be stopped and repeated: a ZIP has its name, and its hash, when it
 * is whole and on the disk. What is in the folder is never removed.
 * @throws AppError UNAVAILABLE when the database is away; ENOSPC and the like when the folder does not take it
 */
export async function copySets({ to, tenant, verify = false, onProgress }: CopyOptions): Promise<Copied> {
  const done: Copied = { tenants: 0, copied: 0, kept: 0, faults: [] };
  const tenants = await transaction(
    { as: "dispatcher" },
    (db) => db.$queryRaw<{ id: number }[]>`SELECT id FROM tenants WHERE deleted_at IS NULL ORDER BY id`,
    { readOnly: true },
  );
  const wanted = tenants.filter(({ id }) => tenant === undefined || id === tenant);
  if (tenant !== undefined && wanted.length === 0)
    throw new Error(`There is no tenant with the id ${tenant}.`);
  for (const { id } of wanted) {
    try {
      await copyTenant(id, join(to, `tenant-${id}`), verify, done, () => onProgress?.(done, id));
      done.tenants += 1;
    } catch (error) {
      // It was deleted meanwhile.
      if (!(error instanceof AppError && error.code === "NOT_FOUND")) throw error;
    }
  }
  return done;
}

async function copyTenant(
  tenantId: number,
  folder: string,
  verify: boolean,
  done: Copied,
  onSet: () => void,
): Promise<void> {
  const sums = await readSums(folder);
  for (const set_id of await setsToExport(copierActor, tenantId, {})) {
    const name = `set-${set_id}.zip`;
    if (sums.has(name) && (!verify || (await isWhole(folder, name, sums, done)))) {
      done.kept += 1;
    } else {
      const [proven] = await proveSets(tenantId, [set_id]);
      // Purged since the list was made.
      if (!proven) continue;
      if (proven.faults.length > 0) {
        done.faults.push(
          `Tenant ${tenantId}, set ${set_id} is damaged and was not copied: ${proven.faults[0]}`,
        );
        continue;
      }
      sums.set(name, await copySet(tenantId, set_id, folder, name));
      await writeSums(folder, sums);
      done.copied += 1;
    }
    onSet();
  }
}

/** @returns the hash of the ZIP */
async function copySet(tenantId: number, set_id: number, folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const partial = join(folder, `.${name}.${process.pid}.partial`);
  const hash = createHash("sha256");
  const { stream } = await exportSet(copierActor, tenantId, { set_id });
  try {
    await pipeline(
      Readable.fromWeb(stream as ReadableStream),
      async function* (pieces: AsyncIterable<Uint8Array>) {
        for await (const piece of pieces) {
          hash.update(piece);
          yield piece;
        }
      },
      createWriteStream(partial, { mode: 0o600, flush: true }),
    );
    await rename(partial, join(folder, name));
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return hash.digest("hex");
}

async function isWhole(
  folder: string,
  name: string,
  sums: ReadonlyMap<string, string>,
  done: Copied,
): Promise<boolean> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(join(folder, name)), hash);
    if (hash.digest("hex") === sums.get(name)) return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  done.faults.push(`${join(folder, name)} is missing or not as it was written: it is copied anew.`);
  return false;
}

async function readSums(folder: string): Promise<Map<string, string>> {
  const text = await readFile(join(folder, sumsFile), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const lines = text.split("\n").flatMap((line) => {
    const [, hash, name] = /^([0-9a-f]{64}) {2}(set-\d+\.zip)$/.exec(line) ?? [];
    return hash && name ? [[name, hash] as const] : [];
  });
  return new Map(lines);
}

async function writeSums(folder: string, sums: ReadonlyMap<string, string>): Promise<void> {
  const partial = join(folder, `.${sumsFile}.${process.pid}.partial`);
  const text = [...sums].map(([name, hash]) => `${hash}  ${name}\n`).join("");
  await writeFile(partial, text, { mode: 0o600, flush: true });
  await rename(partial, join(folder, sumsFile));
  await flushFolder(folder);
}
