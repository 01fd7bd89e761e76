import { z } from "zod";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import type { NamesDocument } from "#lib/names/names";
import { operation, operationInSteps } from "#lib/operation";
import { reportDamage } from "./damaged-snapshots.ts";
import { setNotFound } from "./sets.ts";
import { provenJson } from "./snapshot-codec.ts";
import { damagedView, setNamesView } from "./views.ts";

const readSetNames = operation({
  name: "set.read_names",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ set_id: idSchema }),
  output: z.union([setNamesView, damagedView]),
  async run({ db }, { set_id }) {
    const set = await db.backupSet.findFirst({
      where: { id: set_id },
      select: {
        names_sha256: true,
        names: { select: { sha256: true, encoding: true, content: true } },
      },
    });
    if (!set) throw setNotFound();
    if (set.names_sha256 === null) return { sha256: null, names: {}, unresolved: {} };
    const document = await provenJson(set.names);
    if (document === null) {
      const what = set.names ? "damaged: its hash does not match" : "missing";
      const message = `The stored copy of the names behind the set's ids is ${what}.`;
      return { damaged: set.names_sha256, message };
    }
    const { names, unresolved } = document as NamesDocument;
    return { sha256: set.names_sha256, names, unresolved };
  },
});

/**
 * The names of a set's ids. Their hash is checked on the way out: a damaged document names nothing, and is noted, so
 * that the next run heals it.
 * @throws AppError NOT_FOUND; INTERNAL when the stored bytes are damaged or missing
 */
export const getSetNames = operationInSteps({
  name: "set.names",
  permission: "set:view",
  input: z.strictObject({ set_id: idSchema }),
  output: setNamesView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-sets/{setId}/names",
    operationId: "getBackupSetNames",
    summary: "What the ids in a set's policies stand for",
    description: "Groups, users, apps, roles, filters, tags, as they were called when the set was made.",
    tag: "Backup sets",
    answer: "Names by kind and id",
  },
  async run({ actor, tenant }, input) {
    const names = await readSetNames(actor, tenant.id, input);
    if (!("damaged" in names)) return names;
    await reportDamage(actor, tenant.id, [names.damaged]);
    throw new AppError("INTERNAL", names.message);
  },
});
