import type { GraphClient } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import type { GraphObject } from "#lib/graph/shape";
import { findType } from "#lib/policies/catalog";
import { missingPermissions } from "#lib/policies/granted";
import type { References } from "./collect.ts";
import { firstPartyApps } from "./first-party.ts";
import type { Name, NameKind, Names, UnresolvedReason } from "./names.ts";
import { directoryOf, mayReadRules, namePermissions } from "./permissions.ts";

/** Ids that Graph takes in one `in` list. */
const idsOfList = 15;

/** What was found out, and why not everything. */
export interface Resolved {
  names: Names;
  unresolved: Partial<Record<NameKind, UnresolvedReason>>;
}

/**
 * Asks Graph what ids stand for: fifteen groups, users or applications a part of a batch, so three hundred a request;
 * roles (twice at most), filters, tags, locations and templates in one list each; apps one by one in batches. A kind whose permission the
 * token lacks is not asked for.
 * @returns what was answered until then, also when the client was aborted or refused: never an error of Graph
 */
export async function resolveNames(client: GraphClient, references: References): Promise<Resolved> {
  const resolved: Resolved = { names: {}, unresolved: {} };
  const kinds = Object.entries(references) as [NameKind, string[]][];
  let roles: string[];
  try {
    roles = await client.roles();
  } catch (error) {
    for (const [kind, ids] of kinds) noteFailure(resolved, kind, ids, error);
    return resolved;
  }
  await Promise.all(
    kinds.map(async ([kind, ids]) => {
      if (kind === "policy") {
        resolved.unresolved[kind] = "NOT_CAPTURED";
        return;
      }
      if (!mayAsk(kind, roles)) {
        noteFailure(resolved, kind, ids, new GraphError("PERMISSION_MISSING", "not granted"));
        return;
      }
      const found: Record<string, Name> = {};
      resolved.names[kind] = found;
      await Promise.all(
        questionsFor(client, kind, ids, roles).map(async ({ ids, ask }) => {
          try {
            const answer = await ask();
            for (const id of ids) {
              const name = answer.get(id);
              if (typeof name === "string") resolved.unresolved[kind] ??= name;
              else found[id] = name ?? nameless(kind, id);
            }
          } catch (error) {
            noteFailure(resolved, kind, ids, error);
          }
        }),
      );
    }),
  );
  return resolved;
}

function mayAsk(kind: NameKind, roles: readonly string[]): boolean {
  if (kind === "principal") return principalKinds.some((each) => mayAsk(each, roles));
  const directory = directoryOf[kind];
  if (directory) return namePermissions(roles).some(({ names, granted }) => names === directory && granted);
  return missingPermissions(roles, [kind]).some(({ granted }) => granted);
}

/** By id in lower case, of what exists: its name, or why that is not known. What is left out does not exist. */
type Answers = Map<string, Name | UnresolvedReason>;

/** Some ids, and how to ask for them together. */
interface Question {
  ids: string[];
  ask(): Promise<Answers>;
}

function questionsFor(
  client: GraphClient,
  kind: NameKind,
  ids: string[],
  roles: readonly string[],
): Question[] {
  switch (kind) {
    case "group": {
      const select = mayReadRules(roles) ? "id,displayName,membershipRule" : "id,displayName";
      return inLists(client, "groups", "id", select, ids);
    }
    case "user":
      return inLists(client, "users", "id", "id,displayName,userPrincipalName", ids);
    case "application":
      return inLists(client, "servicePrincipals", "appId", "appId,displayName", ids);
    case "servicePrincipal":
      return inLists(client, "servicePrincipals", "id", "id,displayName", ids);
    case "principal":
      return principals(client, ids, roles);
    case "directoryRole":
      return [{ ids, ask: () => roleNames(client, ids) }];
    case "mobileApp":
      return ids.map((id) => ({ ids: [id], ask: () => singleApp(client, id) }));
    default: {
      const type = findType(kind);
      return type ? [wholeList(client, type.path, type.version, ids)] : [];
    }
  }
}

function inLists(
  client: GraphClient,
  collection: string,
  key: string,
  select: string,
  ids: readonly string[],
): Question[] {
  return chunks(ids).map((some) => {
    const filter = encodeURIComponent(`${key} in (${some.map((id) => `'${id}'`).join(",")})`);
    const path = `${collection}?$filter=${filter}&$select=${select}`;
    return { ids: some, ask: async () => byId(await client.collection(path, "v1.0"), key) };
  });
}

function chunks(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / idsOfList) }, (_, chunk) =>
    ids.slice(chunk * idsOfList, (chunk + 1) * idsOfList),
  );
}

function wholeList(
  client: GraphClient,
  path: string,
  version: "v1.0" | "beta",
  ids: readonly string[],
): Question {
  return {
    ids: [...ids],
    ask: async () => byId(await client.collection(`${path}?$select=id,displayName`, version), "id"),
  };
}

const principalKinds = ["user", "group", "servicePrincipal"] as const;

/** Nobody is gone who may be of a kind that could not be asked for. */
function principals(client: GraphClient, ids: readonly string[], roles: readonly string[]): Question[] {
  const asked = principalKinds.filter((kind) => mayAsk(kind, roles));
  return chunks(ids).map((some) => ({
    ids: some,
    async ask() {
      const answers: Answers = new Map();
      let why: UnresolvedReason | null = asked.length < principalKinds.length ? "PERMISSION_MISSING" : null;
      const found = await Promise.allSettled(
        asked.flatMap((kind) => questionsFor(client, kind, some, roles)).map(({ ask }) => ask()),
      );
      for (const each of found) {
        if (each.status === "rejected") why ??= reasonOf(each.reason);
        else for (const [id, name] of each.value) answers.set(id, name);
      }
      if (why) for (const id of some) if (!answers.has(id)) answers.set(id, why);
      return answers;
    },
  }));
}

/** Conditional access names templates; role assignments may name roles of the tenant's own, which are in another list. */
async function roleNames(client: GraphClient, ids: readonly string[]): Promise<Answers> {
  const select = "$select=id,displayName";
  const answers = byId(await client.collection(`directoryRoleTemplates?${select}`, "v1.0"), "id");
  const left = ids.filter((id) => !answers.has(id));
  if (left.length === 0) return answers;
  try {
    const own = await client.collection(`roleManagement/directory/roleDefinitions?${select}`, "v1.0");
    return new Map([...byId(own, "id"), ...answers]);
  } catch (error) {
    for (const id of left) answers.set(id, reasonOf(error));
    return answers;
  }
}

async function singleApp(client: GraphClient, id: string): Promise<Answers> {
  const type = findType("mobileApp");
  try {
    const path = `${type?.path}/${id}?$select=id,displayName`;
    return byId([await client.entity(path, type?.version ?? "beta")], "id");
  } catch (error) {
    if (error instanceof GraphError && error.status === 404) return new Map();
    throw error;
  }
}

function byId(objects: readonly GraphObject[], key: string): Answers {
  const answers: Answers = new Map();
  for (const object of objects) {
    const id = textOf(object[key]);
    // It exists, and nothing but its id may be read.
    if (id) answers.set(id.toLowerCase(), nameIn(object) ?? "PERMISSION_MISSING");
  }
  return answers;
}

function nameIn(object: GraphObject): Name | null {
  const name = textOf(object.displayName);
  if (!name) return null;
  const rule = textOf(object.membershipRule);
  const user_principal_name = textOf(object.userPrincipalName);
  return { name, ...(rule ? { rule } : {}), ...(user_principal_name ? { user_principal_name } : {}) };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** An id that Graph knows nothing of. */
function nameless(kind: NameKind, id: string): Name {
  return { name: (kind === "application" && firstPartyApps.get(id)) || null };
}

/** What is no answer of Graph is the end of the client: its time is over. */
function reasonOf(error: unknown): UnresolvedReason {
  return error instanceof GraphError ? error.code : "TIME_LIMIT";
}

function noteFailure(resolved: Resolved, kind: NameKind, ids: readonly string[], error: unknown): void {
  const reason = reasonOf(error);
  let left = ids.length;
  if (kind === "application") {
    const found = resolved.names[kind] ?? {};
    for (const id of ids) {
      const name = firstPartyApps.get(id);
      if (name === undefined) continue;
      found[id] = { name };
      left -= 1;
    }
    resolved.names[kind] = found;
  }
  if (left > 0) resolved.unresolved[kind] ??= reason;
}
