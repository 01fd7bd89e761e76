import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { copierActor } from "#lib/access/actor";
import { transaction } from "#lib/db/transaction";
import { databaseTrouble } from "#lib/db/trouble";
import { AppError } from "#lib/errors";
import { proveSets } from "#lib/integrity/verify";
import { exportSet, setsToExport } from "#lib/sets/export";
import type { CopyTarget, TenantCopies } from "./copy-target.ts";
import { PlaceFault, saidBy } from "./place-fault.ts";

export interface CopyOptions {
  to: CopyTarget;
  /** The id of the only tenant to copy. */
  tenant?: number;
  /** Holds the copies that are there against their hashes, and copies anew what does not match where its set is still there. */
  verify?: boolean;
  onProgress?(copied: Copied, tenant: number): void;
  /** Hears what is wrong, in a sentence, when it is found: what ends the copy later takes nothing of it along. */
  onFault?(fault: string): void;
}

/** What was done, and what is wrong, in sentences. */
export interface Copied {
  tenants: number;
  copied: number;
  /** Were there already. */
  kept: number;
  faults: string[];
}

/** How a copy goes on. */
interface Copying {
  to: CopyTarget;
  verify: boolean;
  done: Copied;
  onFault(fault: string): void;
}

/**
 * Copies every backup set that is not in the bin, once: a folder a tenant, and in it the ZIP of each set and the hashes of
 * all. Each set is proven before it is copied; what is wrong with one set, tenant or copy keeps no other from being copied. May be
 * stopped and repeated: what is noted with its hash is whole. No copy is ever removed.
 * @throws AppError UNAVAILABLE when the database is away; PlaceFault when nothing more can be copied to where copies go
 */
export async function copySets({
  to,
  tenant,
  verify = false,
  onProgress,
  onFault = () => {},
}: CopyOptions): Promise<Copied> {
  const done: Copied = { tenants: 0, copied: 0, kept: 0, faults: [] };
  const copying: Copying = { to, verify, done, onFault };
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
      const copies = await atPlace(to.tenant(id));
      try {
        await copyTenant(id, copies, copying, () => onProgress?.(done, id));
      } catch (error) {
        // What ended it is told, and not what comes of that.
        await copies.close().catch(() => {});
        throw error;
      }
      await atPlace(copies.close());
      done.tenants += 1;
    } catch (error) {
      await noteOrEnd(error, `Tenant ${id}`, copying);
    }
  }
  return done;
}

async function copyTenant(
  tenantId: number,
  copies: TenantCopies,
  copying: Copying,
  onSet: () => void,
): Promise<void> {
  const { verify, done } = copying;
  const ofNoSet = new Set(copies.sums.keys());
  for (const { id: set_id, manifest_sha256 } of await setsToExport(copierActor, tenantId, {})) {
    const name = nameOfCopy(set_id, manifest_sha256);
    ofNoSet.delete(name);
    const isNoted = copies.sums.has(name);
    const held = isNoted && verify ? await holdAgainstHash(copies, name, isMended, copying) : "whole";
    if (held === "unreadable") continue;
    if (isNoted && held === "whole") {
      done.kept += 1;
    } else {
      try {
        if (!(await copySet(tenantId, set_id, copies, name, copying))) continue;
      } catch (error) {
        await noteOrEnd(error, `Tenant ${tenantId}, set ${set_id}`, copying);
        continue;
      }
      done.copied += 1;
    }
    onSet();
  }
  if (!verify) return;
  for (const name of ofNoSet) {
    await holdAgainstHash(copies, name, cannotBeMended, copying);
    onSet();
  }
}

/** @returns whether it was copied: it may be damaged, which is noted, or have been purged */
async function copySet(
  tenantId: number,
  set_id: number,
  copies: TenantCopies,
  name: string,
  copying: Copying,
): Promise<boolean> {
  const [proven] = await proveSets(tenantId, [set_id]);
  // Purged since the list was made.
  if (!proven) return false;
  if (proven.faults.length > 0) {
    note(`Tenant ${tenantId}, set ${set_id} is damaged and was not copied: ${proven.faults[0]}`, copying);
    return false;
  }
  const { stream } = await exportSet(copierActor, tenantId, { set_id });
  const content = Readable.fromWeb(stream as ReadableStream);
  try {
    await atPlace(copies.write(name, content));
  } finally {
    // Nobody reads on where it could not be written.
    content.destroy();
  }
  return true;
}

const isMended = ": it is copied anew.";
const cannotBeMended =
  ". It cannot be copied anew: its set is gone, in the bin, or copied under another name.";

/** What a copy proves to be. */
type Held = "whole" | "damaged" | "unreadable";

/**
 * Holds a copy against its hash, and notes what is wrong with it.
 * @param andNow what follows from that, as the end of the sentence
 * @throws PlaceFault
 */
async function holdAgainstHash(
  copies: TenantCopies,
  name: string,
  andNow: string,
  copying: Copying,
): Promise<Held> {
  const path = copies.pathOf(name);
  try {
    if ((await copies.hashOf(name)) === copies.sums.get(name)) return "whole";
  } catch (error) {
    const fault = await copying.to.faultAfter(error);
    if (fault) throw fault;
    // It may be whole: it is left as it is.
    note(`${path} cannot be read: ${saidBy(error)}`, copying);
    return "unreadable";
  }
  note(`${path} is missing or not as it was written${andNow}`, copying);
  return "damaged";
}

function note(fault: string, { done, onFault }: Copying): void {
  done.faults.push(fault);
  onFault(fault);
}

/** What was said where copies go. It may read as if the database had said it, of its own disk or network. */
class SaidThere extends Error {}

/** What operations say meanwhile, to who reads what is copied, stays as it is. @throws SaidThere, AppError, PlaceFault */
async function atPlace<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AppError || error instanceof PlaceFault) throw error;
    throw new SaidThere(saidBy(error), { cause: error });
  }
}

/**
 * Notes what is wrong with one set or tenant alone, so that the next one's turn comes.
 * @throws what concerns all of them
 */
async function noteOrEnd(error: unknown, what: string, copying: Copying): Promise<void> {
  if (error instanceof SaidThere) {
    const fault = await copying.to.faultAfter(error.cause);
    if (fault) throw fault;
  } else {
    if (!isOfOneAlone(error)) throw error;
    // It was deleted or purged meanwhile.
    if (error.code === "NOT_FOUND") return;
  }
  note(`${what} could not be copied; the next copy tries it again: ${error.message}`, copying);
}

/** Whether what the database did not give is of one set or tenant. */
function isOfOneAlone(error: unknown): error is AppError {
  const trouble = databaseTrouble(error);
  return error instanceof AppError && trouble !== "away" && trouble !== "read-only";
}

/**
 * After the installation has gone back in time its ids are given again, to other sets. What a set holds is in its manifest, so
 * its hash tells the copies of both apart, and neither is taken for the other.
 */
function nameOfCopy(setId: number, manifestSha256: string): string {
  return `set-${setId}-${manifestSha256.slice(0, 12)}.zip`;
}
