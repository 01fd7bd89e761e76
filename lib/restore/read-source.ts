import { z } from "zod";
import type { Tx } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { restoreItemsMost } from "#lib/limits";
import type { NameKind, NamesDocument } from "#lib/names/names";
import { operation } from "#lib/operation";
import { findType } from "#lib/policies/catalog";
import type { ReferenceKind } from "#lib/policies/write/write-rule";
import { setNotFound } from "#lib/sets/sets";
import { provenJson, type StoredDocument } from "#lib/sets/snapshot-codec";
import { graphId, id, instant, policyType, sha256 } from "#lib/view-fields";
import { type Document, typeOf } from "./document.ts";
import { decisionKey, type KnownObject, kindsOf } from "./mapping.ts";
import { type Referred, referencesIn } from "./plan-all.ts";
import { plannedForView, readFromOf } from "./planned-for.ts";

const sourceView = z.strictObject({
  tenant_name: z.string(),
  set_created_at: instant,
  items: z.array(
    z.strictObject({
      policy_type: policyType,
      graph_id: graphId,
      display_name: z.string(),
      sha256,
      encoding: z.string(),
      content: z.instanceof(Uint8Array),
    }),
  ),
  known: z.array(z.custom<KnownObject>()),
  types: z.array(policyType).meta({ description: "Of the objects that the items refer to" }),
  read_from: plannedForView.nullable().meta({ description: "Microsoft's tenant; null: not known" }),
});
export type RestoreSource = z.infer<typeof sourceView>;

/**
 * Reads what is to be restored out of a set, with what it was called that it refers to. It leaves the set's tenant where
 * `for_tenant` is another, and that tenant's audit log says so.
 * @throws AppError NOT_FOUND for a set, or an item of it, that is not there; INTERNAL for a damaged stored copy
 */
export const readSource = operation({
  name: "restore.read_source",
  permission: "set:export",
  effect: "write",
  timeoutMs: 60_000,
  input: z.strictObject({
    set_id: idSchema,
    for_tenant: z.strictObject({ id, name: z.string() }),
    items: z.array(z.strictObject({ policy_type: policyType, graph_id: graphId })).max(restoreItemsMost),
  }),
  output: sourceView,
  async run({ db, tenant, audit, unchanged }, { set_id, for_tenant, items: wanted }) {
    const set = await db.backupSet.findFirst({
      where: { id: set_id },
      select: {
        created_at: true,
        manifest: true,
        names: { select: { sha256: true, encoding: true, content: true } },
      },
    });
    if (!set) throw setNotFound();
    const items = await readItems(db, set_id, wanted);
    const documents = [];
    for (const item of items) documents.push(await parsed(item));
    const { known, types } = await knownInSet(db, set_id, set.names, referencesIn(documents));
    if (for_tenant.id === tenant.id) unchanged();
    else {
      audit({
        action: "restore.source_read",
        target: { kind: "set", id: set_id },
        details: { for_tenant_id: for_tenant.id, for_tenant_name: for_tenant.name, policies: items.length },
      });
    }
    return {
      tenant_name: tenant.name,
      set_created_at: set.created_at.toISOString(),
      items,
      known,
      types,
      read_from: readFromOf(set.manifest),
    };
  },
});

/**
 * What a set's tenant called the objects that its policies refer to, and the types of those that the set holds itself.
 * @param names the set's names, as they are stored
 */
export async function knownInSet(
  db: Tx,
  setId: number,
  names: StoredDocument | null,
  refs: readonly Referred[],
): Promise<Pick<RestoreSource, "known" | "types">> {
  const called = ((await provenJson(names)) as NamesDocument | null)?.names ?? {};
  const captured = await objectsReferredTo(db, setId, refs);
  const objectOf = new Map(captured.map((object) => [decisionKey(object.kind, object.id), object]));
  const known = refs.flatMap((ref): KnownObject[] => {
    const object = objectOf.get(decisionKey(ref.kind, ref.id));
    if (object)
      return [{ kind: ref.kind, id: ref.id, name: object.name, ...(object.of && { of: object.of }) }];
    const name = nameKindsOf(ref.kind)
      .map((kind) => called[kind]?.[ref.id.toLowerCase()]?.name)
      .find((each) => typeof each === "string");
    return name ? [{ ...ref, name }] : [];
  });
  return { known, types: [...new Set(captured.map(({ policy_type }) => policy_type))] };
}

async function readItems(
  db: Tx,
  setId: number,
  wanted: readonly { policy_type: string; graph_id: string }[],
): Promise<RestoreSource["items"]> {
  const rows = await db.$queryRaw<RestoreSource["items"]>`
    SELECT i.policy_type, i.graph_id, i.display_name, i.sha256, s.encoding, s.content
    FROM jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) AS w(policy_type text, graph_id text)
    JOIN backup_items i ON i.backup_set_id = ${setId} AND i.policy_type = w.policy_type AND i.graph_id = w.graph_id
    JOIN snapshots s ON s.tenant_id = i.tenant_id AND s.sha256 = i.sha256`;
  const found = new Map(rows.map((row) => [`${row.policy_type} ${row.graph_id}`, row]));
  return wanted.map(({ policy_type, graph_id }) => {
    const row = found.get(`${policy_type} ${graph_id}`);
    if (!row) throw new AppError("NOT_FOUND", `The set holds no ${policy_type} with the id ${graph_id}.`);
    return row;
  });
}

async function parsed(item: RestoreSource["items"][number]) {
  const type = findType(item.policy_type);
  if (!type) throw new AppError("NOT_FOUND", `There is no policy type ${item.policy_type} any more.`);
  const backup = await provenJson(item);
  if (backup === null)
    throw new AppError("INTERNAL", `The stored copy of "${item.display_name}" is damaged or missing.`);
  return { type, backup: backup as Document };
}

interface Captured {
  kind: ReferenceKind;
  id: string;
  name: string;
  of?: string;
  policy_type: string;
}

/** What the set itself holds of what is referred to. */
async function objectsReferredTo(db: Tx, setId: number, refs: readonly Referred[]): Promise<Captured[]> {
  if (refs.length === 0) return [];
  const ids = refs.map(({ id }) => id);
  return capturedObjects(
    await db.$queryRaw<CapturedRow[]>`
      SELECT i.policy_type, i.graph_id, i.display_name, s.sha256, s.encoding, s.content
      FROM backup_items i
      LEFT JOIN snapshots s ON i.policy_type = 'mobileApp' AND s.tenant_id = i.tenant_id AND s.sha256 = i.sha256
      WHERE i.backup_set_id = ${setId} AND i.graph_id = ANY(${ids}::text[])`,
  );
}

/** An item of a set; an app comes with its content, which tells what kind of app it is. */
export interface CapturedRow {
  policy_type: string;
  graph_id: string;
  display_name: string;
  sha256: string | null;
  encoding: string | null;
  content: StoredDocument["content"] | null;
}

/** Items as what others refer to; one may stand for several kinds. */
export async function capturedObjects(rows: readonly CapturedRow[]): Promise<Captured[]> {
  const objects: Captured[] = [];
  for (const { policy_type, graph_id, display_name, sha256: hash, encoding, content } of rows) {
    const of = typeOf(
      await provenJson(hash && encoding && content ? { sha256: hash, encoding, content } : null),
    );
    for (const kind of kindsOf(policy_type))
      objects.push({ kind, id: graph_id, name: display_name, policy_type, ...(of !== "" && { of }) });
  }
  return objects;
}

const nameKinds: Partial<Record<ReferenceKind, readonly NameKind[]>> = {
  app: ["mobileApp"],
  application: ["application"],
  assignmentFilter: ["assignmentFilter"],
  group: ["group", "principal"],
  namedLocation: ["namedLocation"],
  notificationTemplate: ["notificationMessageTemplate"],
  policy: ["policy"],
  scopeTag: ["roleScopeTag"],
  servicePrincipal: ["servicePrincipal", "principal"],
  user: ["user", "principal"],
};

/** Where a set keeps the names of such objects. */
export function nameKindsOf(kind: ReferenceKind): readonly NameKind[] {
  return nameKinds[kind] ?? [];
}
