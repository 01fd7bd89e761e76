import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { copierActor } from "#lib/access/actor";
import { transaction } from "#lib/db/transaction";
import { databaseTrouble } from "#lib/db/trouble";
import { AppError } from "#lib/errors";
import { proveSets } from "#lib/integrity/verify";
import { exportSet, setsToExport } from "#lib/sets/export";
import type { CopyTarget, TenantCopies } from "./copy-target.ts";

export interface CopyOptions {
  to: CopyTarget;
  /** The id of the only tenant to copy. */
  tenant?: number;
  /** Holds the copies that are there against their hashes, and copies anew what does not match where its set is still there. */
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

/**
 * Copies every backup set that is not in the bin, once: a folder a tenant, and in it the ZIP of each set and the hashes of
 * all. Each set is proven before it is copied; one that cannot be read in time keeps no other from being copied. May be stopped
 * and repeated: what is noted with its hash is whole. No copy is ever removed.
 * @throws AppError UNAVAILABLE when the database is away; ENOSPC and the like when the copies cannot be written
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
      const copies = await to.tenant(id);
      try {
        await copyTenant(id, copies, verify, done, () => onProgress?.(done, id));
      } finally {
        await copies.close();
      }
      done.tenants += 1;
    } catch (error) {
      if (!isOfOneAlone(error)) throw error;
      // Else it was deleted meanwhile.
      if (error.code !== "NOT_FOUND") done.faults.push(notThisTime(`Tenant ${id}`, error));
    }
  }
  return done;
}

async function copyTenant(
  tenantId: number,
  copies: TenantCopies,
  verify: boolean,
  done: Copied,
  onSet: () => void,
): Promise<void> {
  const ofNoSet = new Set(copies.sums.keys());
  for (const { id: set_id, manifest_sha256 } of await setsToExport(copierActor, tenantId, {})) {
    const name = nameOfCopy(set_id, manifest_sha256);
    ofNoSet.delete(name);
    if (copies.sums.has(name) && (!verify || (await isWhole(copies, name, done)))) {
      done.kept += 1;
    } else {
      try {
        const [proven] = await proveSets(tenantId, [set_id]);
        // Purged since the list was made.
        if (!proven) continue;
        if (proven.faults.length > 0) {
          done.faults.push(
            `Tenant ${tenantId}, set ${set_id} is damaged and was not copied: ${proven.faults[0]}`,
          );
          continue;
        }
        const { stream } = await exportSet(copierActor, tenantId, { set_id });
        await copies.write(name, Readable.fromWeb(stream as ReadableStream));
      } catch (error) {
        if (!isOfOneAlone(error)) throw error;
        // Else it was purged since it was proven.
        if (error.code !== "NOT_FOUND")
          done.faults.push(notThisTime(`Tenant ${tenantId}, set ${set_id}`, error));
        continue;
      }
      done.copied += 1;
    }
    onSet();
  }
  if (!verify) return;
  for (const name of ofNoSet) {
    if ((await copies.hashOf(name)) !== copies.sums.get(name))
      done.faults.push(
        `${copies.pathOf(name)} is missing or not as it was written. It cannot be copied anew: its set is gone, in the bin, or copied under another name.`,
      );
    onSet();
  }
}

/** Whether what the database did not give is of one set or tenant, so that it goes on with the next. */
function isOfOneAlone(error: unknown): error is AppError {
  const trouble = databaseTrouble(error);
  return error instanceof AppError && trouble !== "away" && trouble !== "read-only";
}

function notThisTime(what: string, { message }: AppError): string {
  return `${what} could not be copied; the next copy tries it again: ${message}`;
}

/**
 * After the installation has gone back in time its ids are given again, to other sets. What a set holds is in its manifest, so
 * its hash tells the copies of both apart, and neither is taken for the other.
 */
function nameOfCopy(setId: number, manifestSha256: string): string {
  return `set-${setId}-${manifestSha256.slice(0, 12)}.zip`;
}

async function isWhole(copies: TenantCopies, name: string, done: Copied): Promise<boolean> {
  if ((await copies.hashOf(name)) === copies.sums.get(name)) return true;
  done.faults.push(`${copies.pathOf(name)} is missing or not as it was written: it is copied anew.`);
  return false;
}
