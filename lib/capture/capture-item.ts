import type { GraphClient } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import type { GraphObject } from "#lib/graph/shape";
import { canonicalize, fingerprintOf } from "#lib/policies/canonical";
import { displayNameOf, storableText } from "#lib/policies/display-name";
import { type Child, holds, type PolicyKind, type PolicyType } from "#lib/policies/policy-type";
import { childValueOf } from "./capture-children.ts";
import { isInline, isRefusedExpansion, shortTypeOf } from "./listed.ts";
import { takeSecrets, withheldSecrets } from "./secrets.ts";

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
  /** What its list said about its state; see `listedStateOf`. */
  lastModified: string | null;
}

/** Expansions that Graph refused in this capture, by address: not asked for again. */
export type RefusedExpansions = Set<string>;

interface Source {
  path: string;
  children: readonly Child[];
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
    type.children.some((child) => applies(child, listed) && !isInline(listed, child))
  );
}

/**
 * What the list says about an item's state: when it last changed, and its assignments, since assigning a policy does not
 * always touch that date. Null when the list does not tell enough to know that nothing changed since it told the same.
 */
export function listedStateOf(type: PolicyType, listed: GraphObject): string | null {
  const date = listed.lastModifiedDateTime ?? listed.modifiedDateTime;
  if (typeof date !== "string") return null;
  const assigned = type.typed !== null || type.children.some((child) => child.key === "assignments");
  if (!assigned) return date;
  if (listed["assignments@odata.nextLink"] !== undefined) return null;
  return Array.isArray(listed.assignments) ? `${date} ${fingerprintOf(listed.assignments)}` : null;
}

/** The path of a type's collection or single object in this tenant. */
export function pathOf(client: GraphClient, type: PolicyType): string {
  return type.path.replace("{organizationId}", encodeURIComponent(client.organizationId));
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
  const source = sourceOf(client, type, listed, graphId);
  try {
    const whole = await assemble(client, type, listed, source, graphId, refused);
    const shortfall = shortfallOf(whole);
    if (shortfall === null) return finish(type, listed, graphId, whole);
    // It may have been edited between the list and its children: once more, from its own address.
    const fresh = typed(await client.entity(source.path, type.version), listed);
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

/**
 * Captures one object by its id, as it is now.
 * @returns null when there is none
 * @throws GraphError as {@link captureItem}
 */
export async function captureOne(
  client: GraphClient,
  type: PolicyType,
  graphId: string,
  refused: RefusedExpansions,
): Promise<CapturedItem | null> {
  const path = pathOf(client, type);
  const address = type.single ? path : `${path}/${encodeURIComponent(graphId)}`;
  const listed = await client.entityOrNone(address, type.version);
  return listed === null ? null : captureItem(client, type, listed, graphId, refused);
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
    document = typed(await readById(client, type, source, refused), listed);
    assertSame(document, graphId, type, source);
  }
  const omitted = type.selectOnly.filter((property) => (document[property] ?? null) === null);
  if (omitted.length > 0) {
    const select = `$select=${type.idProperty},${omitted.join(",")}`;
    const selected = await client.entity(`${source.path}?${select}`, type.version);
    assertSame(selected, graphId, type, source);
    for (const property of omitted)
      if (selected[property] !== undefined) document[property] = selected[property];
  }
  const present = source.children.filter((child) => applies(child, document));
  const values = await Promise.all(
    present.map((child) =>
      childValueOf({ client, version: type.version, notes }, document, source.path, child),
    ),
  );
  const children: CapturedItem["children"] = {};
  present.forEach((child, index) => {
    const value = values[index] ?? null;
    if (value === null) return;
    document[child.key] = value;
    if (!Array.isArray(value)) return;
    const announced = child.announcedBy ? document[child.announcedBy] : null;
    children[child.key] = {
      announced: typeof announced === "number" ? announced : null,
      captured: value.length,
    };
  });
  if (!source.known) {
    notes.push(
      `not captured: what belongs to it (no endpoint is known for ${String(listed["@odata.type"] ?? "its type")})`,
    );
  }
  return { document, children, notes };
}

/** Whether an item can have such a child at all. */
function applies(child: Child, item: GraphObject): boolean {
  if (child.of && !child.of.includes(shortTypeOf(item) ?? "")) return false;
  if (child.when && !holds(child.when, item)) return false;
  // Where Graph does not tell the numbers, it is asked.
  const counts = child.whenPositive?.map((property) => item[property]) ?? [];
  return counts.length === 0 || counts.some((count) => typeof count !== "number" || count > 0);
}

/** Read from its typed collection an object comes without its type, which Graph needs to restore it. */
function typed(object: GraphObject, listed: GraphObject): GraphObject {
  const name = object["@odata.type"] ?? listed["@odata.type"];
  return name === undefined ? object : { ...object, "@odata.type": name };
}

async function readById(
  client: GraphClient,
  type: PolicyType,
  source: Source,
  refused: RefusedExpansions,
): Promise<GraphObject> {
  const expandable = source.children.filter(({ key, ...rest }) => Object.keys(rest).length === 0);
  const collection = source.path.slice(0, source.path.lastIndexOf("/"));
  if (expandable.length > 0 && !refused.has(collection)) {
    try {
      const expand = expandable.map((child) => child.key).join(",");
      return await client.entity(`${source.path}?$expand=${expand}`, type.version);
    } catch (error) {
      if (!isRefusedExpansion(error)) throw error;
      refused.add(collection);
    }
  }
  return client.entity(source.path, type.version);
}

function finish(type: PolicyType, listed: GraphObject, graphId: string, whole: Assembled): CapturedItem {
  const { document, children } = whole;
  if (type.declares) document["@odata.type"] ??= `#microsoft.graph.${type.declares}`;
  // Parts are read at the same time: what is noted of them comes in any order.
  const notes = [...whole.notes.sort(), ...withheldSecrets(document), ...takeSecrets(document, type)].map(
    storableText,
  );
  try {
    return {
      policyType: type.key,
      kind: type.kind,
      graphId,
      displayName: displayNameOf(document, type.single ? type.label : `${type.label} ${graphId}`),
      ...canonicalize(document, type),
      children,
      notes,
      lastModified: listedStateOf(type, listed),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown reason";
    throw new GraphError("INCOMPLETE_CAPTURE", `The policy cannot be written as canonical JSON (${why}).`, {
      cause: error,
    });
  }
}

function sourceOf(client: GraphClient, type: PolicyType, listed: GraphObject, graphId: string): Source {
  const id = encodeURIComponent(graphId);
  const path = pathOf(client, type);
  if (type.single) return { path, children: type.children, known: true };
  if (!type.typed) return { path: `${path}/${id}`, children: type.children, known: true };
  const name = shortTypeOf(listed) ?? "";
  const collection = Object.hasOwn(type.typed, name) ? type.typed[name] : undefined;
  return collection
    ? { path: `${collection.path}/${id}`, children: collection.children, known: true }
    : { path: `${path}/${id}`, children: [], known: false };
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
    await client.entity(`${pathOf(client, type)}/${encodeURIComponent(graphId)}`, type.version);
    return false;
  } catch (error) {
    if (error instanceof GraphError && error.status === 404) return true;
    throw error;
  }
}

function assertSame(object: GraphObject, graphId: string, type: PolicyType, source: Source): void {
  const id = object[type.idProperty];
  if (typeof id === "string" && id.toLowerCase() === graphId.toLowerCase()) return;
  throw new GraphError(
    "GRAPH_UNAVAILABLE",
    `Graph answered with another object than the one asked for at ${source.path}.`,
  );
}
