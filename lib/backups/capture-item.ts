import type { GraphClient } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import { type GraphObject, isObject } from "#lib/graph/shape";
import { canonicalize } from "#lib/policies/canonical";
import type { ChildCollection, PolicyKind, PolicyType } from "#lib/policies/catalog";
import { displayNameOf } from "#lib/policies/display-name";

/** One policy or foundation, captured whole. */
export interface CapturedItem {
  policyType: string;
  kind: PolicyKind;
  graphId: string;
  displayName: string;
  /** RFC 8785 JSON, UTF-8, children inline. */
  document: Uint8Array;
  sha256: string;
  volatile: Record<string, unknown>;
  /** Per child collection how many Graph announced (null: it does not say) and how many are in the document. */
  children: Record<string, { announced: number | null; captured: number }>;
  /** What is known not to be in the document, and why; for people. */
  notes: string[];
  /** As the list had it. */
  lastModified: string | null;
}

/** Expansions that Graph refused in this capture, by address: not asked for again. */
export type RefusedExpansions = Set<string>;

interface Source {
  path: string;
  children: readonly ChildCollection[];
  /** False: the item's type has no typed collection that we know. */
  known: boolean;
}

/**
 * Whether requests beside the list are needed for this item: then it pays to know what an earlier attempt has.
 */
export function needsRequests(type: PolicyType, listed: GraphObject): boolean {
  return (
    type.readById ||
    type.selectOnly.some((property) => listed[property] === undefined || listed[property] === null) ||
    type.children.some((child) => !isInline(listed, child))
  );
}

/** When the item last changed, as its list tells; null when it does not. */
export function lastModifiedOf(listed: GraphObject): string | null {
  const value = listed.lastModifiedDateTime ?? listed.modifiedDateTime;
  return typeof value === "string" ? value : null;
}

/**
 * Captures one listed item with all its children.
 * @returns null when it was deleted since it was listed
 * @throws GraphError when it could not be captured whole; INCOMPLETE_CAPTURE when less came than was announced
 */
export async function captureItem(
  client: GraphClient,
  type: PolicyType,
  listed: GraphObject,
  graphId: string,
  refused: RefusedExpansions,
): Promise<CapturedItem | null> {
  const source = sourceOf(type, listed, graphId);
  try {
    const whole = await assemble(client, type, listed, source, graphId, refused);
    const shortfall = shortfallOf(whole);
    if (shortfall === null) return finish(type, listed, graphId, whole);
    // It may have been edited between the list and its children: once more, from its own address.
    const fresh = await client.entity(source.path, type.version);
    const again = await assemble(client, type, fresh, source, graphId, refused);
    const still = shortfallOf(again);
    if (still === null) return finish(type, listed, graphId, again);
    throw new GraphError("INCOMPLETE_CAPTURE", still);
  } catch (error) {
    if (!(error instanceof GraphError) || error.status !== 404 || type.single) throw error;
    if (await isGone(client, type, graphId)) return null;
    throw new GraphError(
      "INCOMPLETE_CAPTURE",
      `The policy exists, but a part of it does not. ${error.message}`,
      {
        status: 404,
        requestId: error.requestId,
        cause: error,
      },
    );
  }
}

interface Assembled {
  document: GraphObject;
  children: CapturedItem["children"];
  notes: string[];
}

async function assemble(
  client: GraphClient,
  type: PolicyType,
  listed: GraphObject,
  source: Source,
  graphId: string,
  refused: RefusedExpansions,
): Promise<Assembled> {
  const notes: string[] = [];
  let document: GraphObject = { ...listed };
  if (type.readById && source.known) {
    document = await readById(client, type, source, refused);
    assertSame(document, graphId, source);
  }
  const omitted = type.selectOnly.filter((property) => (document[property] ?? null) === null);
  if (omitted.length > 0) {
    const selected = await client.entity(`${source.path}?$select=id,${omitted.join(",")}`, type.version);
    assertSame(selected, graphId, source);
    for (const property of omitted)
      if (selected[property] !== undefined) document[property] = selected[property];
  }
  const children: CapturedItem["children"] = {};
  const lists = await Promise.all(
    source.children.map((child) => childrenOf(client, type, document, source.path, child, notes)),
  );
  source.children.forEach((child, index) => {
    const list = lists[index] ?? [];
    document[child.key] = list;
    const announced = child.announcedBy ? document[child.announcedBy] : null;
    children[child.key] = {
      announced: typeof announced === "number" ? announced : null,
      captured: list.length,
    };
  });
  if (!source.known) {
    const missing = type.children.map((child) => child.key).join(", ");
    notes.push(
      `not captured: ${missing} (no endpoint is known for ${String(listed["@odata.type"] ?? "its type")})`,
    );
  }
  return { document, children, notes };
}

async function readById(
  client: GraphClient,
  type: PolicyType,
  source: Source,
  refused: RefusedExpansions,
): Promise<GraphObject> {
  const expandable = source.children.filter((child) => !child.query && !child.children && !child.wholeAt);
  const collection = source.path.slice(0, source.path.lastIndexOf("/"));
  if (expandable.length > 0 && !refused.has(collection)) {
    try {
      const expand = expandable.map((child) => child.key).join(",");
      return await client.entity(`${source.path}?$expand=${expand}`, type.version);
    } catch (error) {
      if (!(error instanceof GraphError) || error.status !== 400) throw error;
      refused.add(collection);
    }
  }
  return client.entity(source.path, type.version);
}

async function childrenOf(
  client: GraphClient,
  type: PolicyType,
  parent: GraphObject,
  parentPath: string,
  child: ChildCollection,
  notes: string[],
): Promise<GraphObject[]> {
  const path = `${parentPath}/${child.path ?? child.key}`;
  let list: GraphObject[];
  if (isInline(parent, child)) {
    list = parent[child.key] as GraphObject[];
    const more = parent[`${child.key}@odata.nextLink`];
    if (typeof more === "string") list = [...list, ...(await client.rest(more))];
  } else {
    list = await client.collection(child.query ? `${path}?${child.query}` : path, type.version);
  }
  const { wholeAt, children: below } = child;
  if (wholeAt) list = await Promise.all(list.map((entry) => readWhole(client, type, wholeAt, entry, notes)));
  if (below) {
    list = await Promise.all(
      list.map(async (entry) => {
        const entryPath = `${path}/${encodeURIComponent(idOf(entry, path))}`;
        const lists = await Promise.all(
          below.map((grandchild) => childrenOf(client, type, entry, entryPath, grandchild, notes)),
        );
        return { ...entry, ...Object.fromEntries(below.map(({ key }, index) => [key, lists[index] ?? []])) };
      }),
    );
  }
  return list;
}

/** A child as its own collection has it; where there is none, as the list below the item has it, with a note. */
async function readWhole(
  client: GraphClient,
  type: PolicyType,
  collection: string,
  entry: GraphObject,
  notes: string[],
): Promise<GraphObject> {
  const id = idOf(entry, collection);
  try {
    return { ...entry, ...(await client.entity(`${collection}/${encodeURIComponent(id)}`, type.version)) };
  } catch (error) {
    if (!(error instanceof GraphError) || error.code !== "TYPE_UNAVAILABLE") throw error;
    notes.push(`not captured whole: ${collection}/${id} (Graph answered ${error.status})`);
    return entry;
  }
}

function finish(type: PolicyType, listed: GraphObject, graphId: string, whole: Assembled): CapturedItem {
  const { document, children, notes } = whole;
  try {
    return {
      policyType: type.key,
      kind: type.kind,
      graphId,
      displayName: displayNameOf(document, type.single ? type.label : `${type.label} ${graphId}`),
      ...canonicalize(document, type),
      children,
      notes: [...notes, ...withheldSecrets(document)],
      lastModified: lastModifiedOf(listed),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown reason";
    throw new GraphError("UNKNOWN", `The policy cannot be written as canonical JSON (${why}).`, {
      cause: error,
    });
  }
}

/**
 * Encrypted OMA values: Graph returns placeholders to whoever may only read (GRAPH.md, trap 2).
 */
function withheldSecrets(document: GraphObject): string[] {
  if (!Array.isArray(document.omaSettings)) return [];
  return document.omaSettings.flatMap((setting: unknown, index) => {
    if (!isObject(setting)) return [];
    const encrypted =
      setting.isEncrypted === true ||
      (typeof setting.secretReferenceValueId === "string" && setting.secretReferenceValueId !== "") ||
      (typeof setting.value === "string" && /^\*{3,}$/.test(setting.value));
    return encrypted ? [`secret not captured: omaSettings[${index}].value`] : [];
  });
}

function sourceOf(type: PolicyType, listed: GraphObject, graphId: string): Source {
  const id = encodeURIComponent(graphId);
  if (type.single) return { path: type.path, children: type.children, known: true };
  if (!type.typed) return { path: `${type.path}/${id}`, children: type.children, known: true };
  const name = String(listed["@odata.type"] ?? "").replace(/^#microsoft\.graph\./, "");
  const typed = Object.hasOwn(type.typed, name) ? type.typed[name] : undefined;
  return typed
    ? { path: `${typed.path}/${id}`, children: typed.children, known: true }
    : { path: `${type.path}/${id}`, children: [], known: false };
}

function shortfallOf({ children }: Assembled): string | null {
  for (const [key, { announced, captured }] of Object.entries(children)) {
    if (announced !== null && announced !== captured) {
      return `Graph announced ${announced} ${key} and delivered ${captured}; the policy was not stored as whole.`;
    }
  }
  return null;
}

async function isGone(client: GraphClient, type: PolicyType, graphId: string): Promise<boolean> {
  try {
    await client.entity(`${type.path}/${encodeURIComponent(graphId)}`, type.version);
    return false;
  } catch (error) {
    if (error instanceof GraphError && error.status === 404) return true;
    throw error;
  }
}

function isInline(parent: GraphObject, child: ChildCollection): boolean {
  // Settings inside another answer may be cut at a page's length without a word (GRAPH.md, trap 1).
  return Array.isArray(parent[child.key]) && !child.announcedBy;
}

function assertSame(object: GraphObject, graphId: string, source: Source): void {
  if (typeof object.id === "string" && object.id.toLowerCase() === graphId.toLowerCase()) return;
  throw new GraphError(
    "GRAPH_UNAVAILABLE",
    `Graph answered with another object than the one asked for at ${source.path}.`,
  );
}

function idOf(entry: GraphObject, path: string): string {
  if (typeof entry.id === "string" && entry.id !== "") return entry.id;
  throw new GraphError("INCOMPLETE_CAPTURE", `Graph delivered an object without an id below ${path}.`);
}
