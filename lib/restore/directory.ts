import type { GraphClient } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import type { NameKind } from "#lib/names/names";
import { resolveNames } from "#lib/names/resolve";
import { decisionKey, type KnownObject } from "./mapping.ts";
import type { Referred } from "./plan-all.ts";

/** What Entra's directory holds, and no set in whole: it is asked for. */
const directoryKinds = {
  group: { names: "group", path: "groups", key: "id" },
  user: { names: "user", path: "users", key: "id" },
  application: { names: "application", path: "servicePrincipals", key: "appId" },
  servicePrincipal: { names: "servicePrincipal", path: "servicePrincipals", key: "id" },
} as const satisfies Partial<Record<Referred["kind"], { names: NameKind; path: string; key: string }>>;

type DirectoryKind = keyof typeof directoryKinds;

function isDirectoryKind(kind: string): kind is DirectoryKind {
  return Object.hasOwn(directoryKinds, kind);
}

/** What was found out in the directory of the live tenant. */
export interface DirectoryAnswers {
  found: KnownObject[];
  /** Kinds that could not be asked for. */
  unasked: string[];
}

/**
 * Looks up groups, users, applications and service principals in the live tenant: by their ids, and those that are not
 * there by the names that the backup has for them; users never by name.
 * @param source what the backup's references were called
 * @throws the signal's reason when aborted
 */
export async function lookUpInDirectory(
  client: GraphClient,
  refs: readonly Referred[],
  source: readonly KnownObject[],
): Promise<DirectoryAnswers> {
  const asked = refs.filter(({ kind }) => isDirectoryKind(kind));
  const of = (kind: DirectoryKind) =>
    asked.filter((ref) => ref.kind === kind).map(({ id }) => id.toLowerCase());
  const kinds = (Object.keys(directoryKinds) as DirectoryKind[]).filter((kind) => of(kind).length > 0);
  if (kinds.length === 0) return { found: [], unasked: [] };
  const { names, unresolved } = await resolveNames(
    client,
    Object.fromEntries(kinds.map((kind) => [directoryKinds[kind].names, [...new Set(of(kind))]])),
  );
  const found: KnownObject[] = [];
  const missing: Referred[] = [];
  for (const ref of asked) {
    if (!isDirectoryKind(ref.kind)) continue;
    const name = names[directoryKinds[ref.kind].names]?.[ref.id.toLowerCase()]?.name;
    if (typeof name === "string") found.push({ ...ref, name });
    else missing.push(ref);
  }
  const named = new Map(source.map((object) => [decisionKey(object.kind, object.id), object]));
  const wanted = missing.flatMap((ref) => named.get(decisionKey(ref.kind, ref.id)) ?? []);
  for (const object of uniqueNames(wanted)) found.push(...(await byName(client, object)));
  return { found, unasked: kinds.filter((kind) => unresolved[directoryKinds[kind].names] !== undefined) };
}

function uniqueNames(objects: readonly KnownObject[]): KnownObject[] {
  return [...new Map(objects.map((object) => [`${object.kind} ${object.name}`, object])).values()];
}

/** Objects of the live tenant that bear a name; none of a kind that may not be read. */
async function byName(client: GraphClient, { kind, name }: KnownObject): Promise<KnownObject[]> {
  if (!isDirectoryKind(kind) || kind === "user") return [];
  const { path, key } = directoryKinds[kind];
  const filter = encodeURIComponent(`displayName eq '${name.replaceAll("'", "''")}'`);
  try {
    const objects = await client.collection(`${path}?$filter=${filter}&$select=${key},displayName`, "v1.0");
    return objects.flatMap((object) => {
      const id = object[key];
      return typeof id === "string" ? [{ kind, id, name }] : [];
    });
  } catch (error) {
    if (error instanceof GraphError) return [];
    throw error;
  }
}
