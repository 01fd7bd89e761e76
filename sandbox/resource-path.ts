import { type AuditLogSpec, auditLogAt } from "./audit-logs.ts";
import {
  type CollectionSpec,
  collectionAt,
  type Family,
  type NavigationSpec,
  type Version,
  viewFor,
} from "./collections.ts";
import { type DeletedTarget, deletedAt } from "./deleted-items.ts";
import { type DefinitionSpec, definitionsAt } from "./setting-definitions.ts";

/** What a request asks for, so far as its path tells. */
export interface Resource {
  spec: CollectionSpec;
  /** `/collection/microsoft.graph.type`: only objects of this type. */
  cast: string | undefined;
  /** The organization in `organization/{id}/…`. */
  organization: string | undefined;
  /** The id of one object of the collection. */
  id: string | undefined;
  /** Navigation properties below the object, in order, each with the id of one element when given. */
  steps: { name: string; spec: NavigationSpec; id: string | undefined }[];
  /** `/$count` at the end. */
  count: boolean;
  /** A function bound to the object, as `getOmaSettingPlainTextValue(…)`. */
  call: string | undefined;
}

/** What kind of request it is; faults and counters tell them apart by it. */
export type Phase = "token" | "list" | "page" | "item" | "child" | "batch" | "other";

export interface GraphPath {
  version: Version;
  /** Decoded, without version and leading slash. */
  path: string;
  /** Undefined when there is no such resource. */
  resource: Resource | undefined;
  /** An audit log, or one event of it, in place of a resource. */
  auditLog: { spec: AuditLogSpec; id: string | undefined } | undefined;
  /**
   * Definitions of settings or their categories, or one of them, in place of a resource; `itself`: one that is else only the
   * way to what is below it.
   */
  definitions: { spec: DefinitionSpec; id: string | undefined; itself?: true } | undefined;
  /** What was deleted and can be brought back, in place of a resource. */
  deletedItems: DeletedTarget | undefined;
  /** The first segment that is not known, for the error. */
  unknown: string;
}

const CAST = /^(?:microsoft\.)?graph\.(\w+)$/;

/** `name('key')` as two segments. */
function segments(path: string): string[] {
  return path
    .split("/")
    .filter((part) => part !== "")
    .flatMap((part) => {
      const keyed = /^([\w.]+)\('([^']*)'\)$/.exec(part);
      return keyed?.[1] !== undefined && keyed[2] !== undefined ? [keyed[1], keyed[2]] : [part];
    });
}

function parseResource(given: string[]): { resource: Resource | undefined; unknown: string } {
  const organization = given[0]?.toLowerCase() === "organization" ? given[1] : undefined;
  const all = organization === undefined ? given : ["organization", "{organizationId}", ...given.slice(2)];
  const length = [4, 3, 2, 1].find(
    (size) => all.length >= size && collectionAt(all.slice(0, size).join("/")),
  );
  const found = length === undefined ? undefined : collectionAt(all.slice(0, length).join("/"));
  if (!found || length === undefined) return { resource: undefined, unknown: all[1] ?? all[0] ?? "" };
  const resource: Resource = {
    spec: found,
    cast: undefined,
    organization,
    id: undefined,
    steps: [],
    count: false,
    call: undefined,
  };
  const rest = all.slice(length);
  const takeCast = () => {
    const cast = CAST.exec(rest[0] ?? "")?.[1];
    if (cast === undefined) return;
    rest.shift();
    resource.cast = cast;
    resource.spec = viewFor(resource.spec, cast);
  };
  takeCast();
  if (rest[0] === "$count") return { resource: { ...resource, count: true }, unknown: "" };
  const below = rest[0] !== undefined && Object.hasOwn(found.navigations, rest[0]);
  if (!(found.singleIn && below)) resource.id = rest.shift();
  takeCast();
  let navigations = resource.spec.navigations;
  while (rest.length > 0) {
    const name = rest.shift() ?? "";
    const called = /^(?:microsoft\.graph\.)?(\w+\(.*\))$/.exec(name)?.[1];
    if (called !== undefined && rest.length === 0) {
      resource.call = called;
      break;
    }
    if (name === "$count" && rest.length === 0 && resource.steps.at(-1)?.id === undefined) {
      resource.count = true;
      break;
    }
    const key = Object.keys(navigations).find((known) => known.toLowerCase() === name.toLowerCase());
    const spec = key === undefined ? undefined : navigations[key];
    if (key === undefined || !spec) return { resource: undefined, unknown: name };
    const id = spec.single || rest[0] === "$count" ? undefined : rest.shift();
    resource.steps.push({ name: key, spec, id });
    navigations = spec.navigations ?? {};
  }
  return { resource, unknown: "" };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Reads `/v1.0/…` or `/beta/…`; undefined when the path is of neither. */
export function parsePath(pathname: string): GraphPath | undefined {
  const match = /^\/(v1\.0|beta)\/(.*)$/i.exec(pathname);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const version: Version = match[1].toLowerCase() === "beta" ? "beta" : "v1.0";
  const all = segments(match[2]).map(decode);
  const path = { version, path: all.join("/"), auditLog: parseAuditLog(all) };
  const definitions = parseDefinitions(all);
  const deletedItems = deletedAt(all);
  const resource = definitions ? { resource: undefined, unknown: "" } : parseResource(all);
  return { ...path, definitions, deletedItems, ...resource };
}

function parseDefinitions(all: string[]): GraphPath["definitions"] {
  const spec = definitionsAt(all.slice(0, 2).join("/"));
  if (!spec) return undefined;
  if (spec.below !== undefined) {
    if (all.length === 3) return { spec, id: all[2], itself: true };
    return all.length === 4 && all[3] === spec.below ? { spec, id: all[2] } : undefined;
  }
  return all.length <= 3 ? { spec, id: all[2] } : undefined;
}

function parseAuditLog(all: string[]): GraphPath["auditLog"] {
  const spec = all.length <= 3 ? auditLogAt(all.slice(0, 2).join("/")) : undefined;
  return spec && { spec, id: all[2] };
}

export function familyOf(path: GraphPath): Family | "other" {
  if (path.resource) return path.resource.spec.family;
  if (path.auditLog) return path.auditLog.spec.family;
  if (path.deletedItems) return "conditionalAccess";
  if (/^device(App)?Management\//i.test(path.path)) return "intune";
  return "other";
}

export function phaseOf(path: GraphPath, query: URLSearchParams): Phase {
  const { resource } = path;
  const other = path.auditLog ?? path.definitions ?? path.deletedItems;
  if (!resource && !other) return "other";
  if (query.has("$skiptoken")) return "page";
  if (!resource) return other?.id === undefined ? "list" : "item";
  const last = resource.steps.at(-1);
  if (last) return "child";
  const single = resource.spec.singleIn?.includes(path.version) ?? false;
  return resource.id !== undefined || single ? "item" : "list";
}
