import type { GraphClient } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import type { GraphVersion } from "#lib/graph/links";
import { type GraphObject, isObject } from "#lib/graph/shape";
import type { Child } from "#lib/policies/policy-type";
import type { GraphErrorCode } from "#lib/run-error-codes";
import { isInline, isRefusedExpansion, shortTypeOf } from "./listed.ts";

interface Asking {
  client: GraphClient;
  version: GraphVersion;
  /** Gets what is known not to be captured. */
  notes: string[];
}

type ChildValue = GraphObject[] | GraphObject | string | null;

/** What is kept of a referred object: enough to name it and to find it again. */
const referenceProperties = ["@odata.type", "id", "displayName"] as const;

/**
 * The value of a child: a list, an object, or a stream's content; null where there is none and the document stays as it
 * is.
 * @throws GraphError
 */
export async function childValueOf(
  asking: Asking,
  parent: GraphObject,
  parentPath: string,
  child: Child,
): Promise<ChildValue> {
  try {
    return await read(asking, parent, parentPath, child);
  } catch (error) {
    if (!child.optional || !isRefusal(error)) throw error;
    asking.notes.push(`not captured: ${child.key} (${refusals[error.code]}, Graph answered ${error.status})`);
    return null;
  }
}

/**
 * Refusals, as a note says them. What Graph says itself is not in it: its ids and times differ from night to night, and the policy
 * would have changed each time.
 */
const refusals = {
  TYPE_UNAVAILABLE: "not offered",
  PERMISSION_MISSING: "permission missing",
  LICENSE_MISSING: "not licensed",
} satisfies Partial<Record<GraphErrorCode, string>>;

type Refusal = GraphError & { code: keyof typeof refusals };

function isRefusal(error: unknown): error is Refusal {
  return error instanceof GraphError && Object.hasOwn(refusals, error.code);
}

async function read(
  asking: Asking,
  parent: GraphObject,
  parentPath: string,
  child: Child,
): Promise<ChildValue> {
  const { client, version } = asking;
  const cast = child.of ? `/microsoft.graph.${shortTypeOf(parent)}` : "";
  const path = `${parentPath}${cast}/${child.path ?? child.key}`;
  const query = child.reference ? "$select=id,displayName" : child.query;
  const address = query ? `${path}?${query}` : path;
  if (child.shape === "stream") return client.contentOrNone(path, version);
  if (child.shape === "object") {
    const object = isObject(parent[child.key])
      ? parent[child.key]
      : await client.entityOrNone(address, version);
    return child.reference && isObject(object) ? referenceTo(object) : (object as GraphObject | null);
  }
  let list = await listOf(asking, parent, address, child);
  const { keep } = child;
  if (keep) list = list.filter((entry) => entry[keep.property] === keep.equals);
  if (child.reference) return list.length > 0 ? list.map(referenceTo) : null;
  if (child.wholeAt) list = await Promise.all(list.map((entry) => readWhole(asking, child, entry)));
  const below = child.children;
  if (!below) return list;
  return Promise.all(
    list.map(async (entry) => {
      const entryPath = `${path}/${encodeURIComponent(idOf(entry, path))}`;
      const values = await Promise.all(
        below.map((grandchild) => childValueOf(asking, entry, entryPath, grandchild)),
      );
      const found = below.flatMap(({ key }, index) => {
        const value = values[index] ?? null;
        return value === null ? [] : [[key, value] as const];
      });
      return { ...entry, ...Object.fromEntries(found) };
    }),
  );
}

async function listOf(
  { client, version }: Asking,
  parent: GraphObject,
  address: string,
  child: Child,
): Promise<GraphObject[]> {
  if (!isInline(parent, child)) return client.collection(address, version);
  const list = parent[child.key] as GraphObject[];
  const more = parent[`${child.key}@odata.nextLink`];
  return typeof more === "string" ? [...list, ...(await client.rest(more))] : list;
}

function referenceTo(object: GraphObject): GraphObject {
  return Object.fromEntries(
    referenceProperties.flatMap((property) =>
      object[property] === undefined ? [] : [[property, object[property]]],
    ),
  );
}

/** A child as its own collection has it; where there is none, as the list below the item has it, with a note. */
async function readWhole(asking: Asking, child: Child, entry: GraphObject): Promise<GraphObject> {
  const { wholeAt = "", wholeQuery } = child;
  const address = `${wholeAt}/${encodeURIComponent(idOf(entry, wholeAt))}`;
  if (wholeQuery) {
    try {
      return { ...entry, ...(await asking.client.entity(`${address}?${wholeQuery}`, asking.version)) };
    } catch (error) {
      if (!isRefusedExpansion(error)) throw error;
      asking.notes.push(`not captured: ${wholeQuery.replace("$expand=", "")} of ${address}`);
    }
  }
  try {
    return { ...entry, ...(await asking.client.entity(address, asking.version)) };
  } catch (error) {
    if (!(error instanceof GraphError) || error.code !== "TYPE_UNAVAILABLE") throw error;
    asking.notes.push(`not captured whole: ${address} (Graph answered ${error.status})`);
    return entry;
  }
}

function idOf(entry: GraphObject, path: string): string {
  if (typeof entry.id === "string" && entry.id !== "") return entry.id;
  throw new GraphError("INCOMPLETE_CAPTURE", `Graph delivered an object without an id below ${path}.`);
}
