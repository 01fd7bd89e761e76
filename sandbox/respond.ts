import { type CollectionSpec, granted, type NavigationSpec } from "./collections.ts";
import { type Entity, inlineEntity } from "./entity.ts";
import { GraphError, intuneMessage, type RequestIds } from "./http-error.ts";
import { type GraphObject, isObject, type Json, objectsOf, typeName } from "./json.ts";
import { nextLink } from "./next-link.ts";
import { parseQuery, type Query } from "./odata-query.ts";
import { abridged, expandable, offers, render, typeOfChild, type View } from "./render.ts";
import type { GraphPath, Resource } from "./resource-path.ts";
import { schemas, shows } from "./schema.ts";
import type { CollectionStore, TenantStore } from "./store.ts";

/** One GET on a resource, already allowed. */
interface ResourceRequest {
  store: TenantStore;
  /** Of Entra: the id of the tenant's organization. */
  tenantId: string;
  graphPath: GraphPath;
  resource: Resource;
  parameters: URLSearchParams;
  /** `http://localhost:4000`: links in the answer stay on the caller's origin, as Graph's do. */
  origin: string;
  ids: RequestIds;
  /** What the token may do, for the functions that need more than reading. */
  roles: readonly string[];
  /** The caller takes an index that may be behind: `ConsistencyLevel: eventual`. */
  eventual: boolean;
}

/** JSON, the content of a stream, or nothing: 204. */
export type Content = Json | Uint8Array | undefined;

function notFound(request: ResourceRequest): GraphError {
  const { graphPath, resource, ids } = request;
  const text = `Resource not found for the segment '${resource.id ?? graphPath.path}'.`;
  if (resource.spec.family !== "intune") return new GraphError(404, "ResourceNotFound", text);
  return new GraphError(404, "ResourceNotFound", intuneMessage("An error has occurred", graphPath.path, ids));
}

function unknownSegment(name: string): GraphError {
  return new GraphError(400, "BadRequest", `Resource not found for the segment '${name}'.`);
}

/** The entity without what the caller's permissions do not reach. */
function guarded(entity: Entity, { guarded: secrets }: CollectionSpec, roles: readonly string[]): Entity {
  const hidden = Object.entries(secrets ?? {}).filter(
    ([, permissions]) => !permissions.some((permission) => granted(permission, roles)),
  );
  if (hidden.length === 0) return entity;
  return {
    ...entity,
    props: { ...entity.props, ...Object.fromEntries(hidden.map(([name]) => [name, null])) },
  };
}

function nextLinkOf({ graphPath, parameters, origin, resource }: ResourceRequest, position: number): string {
  const { path, version } = graphPath;
  return nextLink({ parameters, origin, path, version }, position, resource.spec.encodedTokens);
}

function context(request: ResourceRequest, fragment: string): string {
  return `${request.origin}/${request.graphPath.version}/$metadata#${fragment}`;
}

/** The type that the metadata gives the objects at the address: what they are cast to, else the collection's own. */
function declaredOf({ spec, cast }: Resource): string | undefined {
  return cast ?? spec.types[0];
}

function viewOf(request: ResourceRequest, query: Query, inList: boolean): View {
  const { resource, graphPath } = request;
  return {
    version: graphPath.version,
    declared: declaredOf(resource),
    context: context(request, resource.spec.path),
    key: resource.spec.key,
    select: query.select,
    expand: query.expand,
    inList,
    asGiven: request.store.asGiven,
    nullInList: resource.spec.nullInList,
  };
}

function* matching(
  request: ResourceRequest,
  store: CollectionStore,
  query: Query,
): Generator<{ index: number; entity: Entity }> {
  const types = typesOf(request.resource);
  for (const index of store.indexes(query.skipToken)) {
    const type = store.typeAt(index);
    if (types && !types.includes(type)) continue;
    if (!shows(request.graphPath.version, type) || store.isHidden(index)) continue;
    const entity = store.entityAt(index);
    if (!query.filter || query.filter(entity.props)) yield { index, entity };
  }
}

/** Only a typed view or a cast leaves objects of the collection out. */
function typesOf({ spec, cast }: Resource): readonly string[] | undefined {
  if (cast !== undefined) return [cast];
  return spec.viewOf === undefined ? undefined : spec.types;
}

function countAll(request: ResourceRequest, store: CollectionStore, query: Query): number {
  let count = 0;
  for (const _ of matching(request, store, { ...query, skipToken: 0 })) count++;
  return count;
}

function list(request: ResourceRequest, store: CollectionStore, query: Query): GraphObject {
  const { spec } = request.resource;
  if (spec.needsFilter && !query.filter) {
    throw new GraphError(400, "BadRequest", "The filter query option is required: scopeId and scopeType.");
  }
  const size = query.top ?? spec.pageSize;
  const view = viewOf(request, query, true);
  const value: GraphObject[] = [];
  let next: number | undefined;
  let skipped = 0;
  for (const { index, entity } of matching(request, store, query)) {
    if (skipped++ < query.skip) continue;
    if (value.length === size) {
      next = index;
      break;
    }
    value.push(render(guarded(entity, spec, request.roles), spec.navigations, view));
  }
  if (value.length === 0) for (const item of query.expand) expandable(spec.navigations, item, view);
  const count = query.count ? countAll(request, store, query) : spec.countsPage ? value.length : undefined;
  return {
    "@odata.context": context(request, spec.path),
    ...(count !== undefined && { "@odata.count": count }),
    ...(next !== undefined && { "@odata.nextLink": nextLinkOf(request, next) }),
    value,
  };
}

/** A child of an object: where it is, and what the metadata says of it. */
interface Step {
  spec: NavigationSpec;
  declared: string | undefined;
  fragment: string;
}

function children(
  request: ResourceRequest,
  elements: GraphObject[],
  { spec, declared, fragment }: Step,
  query: Query,
): GraphObject {
  const navigations = spec.navigations ?? {};
  const found = query.filter ? elements.filter(query.filter) : elements;
  const from = query.skipToken + query.skip;
  const size = query.top ?? spec.pageSize ?? found.length;
  const view: View = {
    version: request.graphPath.version,
    declared,
    context: context(request, fragment),
    select: query.select,
    expand: query.expand,
    inList: true,
    asGiven: request.store.asGiven,
  };
  const value = found
    .slice(from, from + size)
    .map((element) => render(inlineEntity(abridged(element, spec), navigations), navigations, view));
  return {
    "@odata.context": context(request, fragment),
    ...(query.count && { "@odata.count": found.length }),
    ...(from + size < found.length && { "@odata.nextLink": nextLinkOf(request, from + size) }),
    value,
  };
}

function below(request: ResourceRequest, entity: Entity, query: Query): Content {
  const { resource, graphPath } = request;
  const { version } = graphPath;
  const key = resource.id === undefined ? "" : `('${resource.id}')`;
  let fragment = `${resource.spec.path}${key}`;
  let here = entity;
  let type = declaredOf(resource);
  for (const [at, { name, spec, id }] of resource.steps.entries()) {
    if (!offers(version, type, name, spec)) throw unknownSegment(name);
    const value = here.navigation(name);
    fragment += `/${name}`;
    const last = at === resource.steps.length - 1;
    const navigations = spec.navigations ?? {};
    const declared = typeOfChild(version, type, name);
    if (spec.stream) {
      if (typeof value !== "string") throw notFound(request);
      return Buffer.from(value, "base64");
    }
    if (last && !spec.single && id === undefined) {
      const elements = objectsOf(value);
      return resource.count
        ? elements.length
        : children(request, elements, { spec, declared, fragment }, query);
    }
    const element = spec.single
      ? isObject(value) && value
      : objectsOf(value).find((candidate) => candidate.id === id);
    if (!element && last && spec.property) return undefined;
    if (!element) throw notFound(request);
    here = inlineEntity(element, navigations);
    type = typeName(element) || declared;
    if (last) {
      const { select, expand } = query;
      const address = context(request, fragment);
      const { asGiven } = request.store;
      const view = { version, declared, context: address, select, expand, inList: false, asGiven };
      return { "@odata.context": `${address}/$entity`, ...render(here, navigations, view) };
    }
    if (id !== undefined) fragment += `('${id}')`;
  }
  throw notFound(request);
}

/** The plain text behind an encrypted OMA value; Graph gives it to ReadWrite only. */
function call(request: ResourceRequest, entity: Entity): GraphObject {
  const { resource, graphPath, ids, roles } = request;
  const reference = /^getOmaSettingPlainTextValue\(secretReferenceValueId='([^']*)'\)$/.exec(
    resource.call ?? "",
  );
  const setting = objectsOf(entity.props.omaSettings).find(
    (one) => one.secretReferenceValueId === reference?.[1],
  );
  if (!reference || !setting) throw notFound(request);
  if (!roles.includes("DeviceManagementConfiguration.ReadWrite.All")) {
    const text =
      "Application is not authorized to perform this operation. Application must have one of the following " +
      "scopes: DeviceManagementConfiguration.ReadWrite.All";
    throw new GraphError(403, "Forbidden", intuneMessage(text, graphPath.path, ids));
  }
  return {
    "@odata.context": context(request, "Edm.String"),
    value: `plain text of ${String(setting.omaUri)}`,
  };
}

/**
 * What Graph answers to a GET.
 * @throws GraphError 400 for an option that does not fit, 404 for an object that is not (or no longer) there
 */
export function respond(request: ResourceRequest): Content {
  const { resource, graphPath } = request;
  const { version } = graphPath;
  const searchable = resource.spec.family === "directory" && resource.id === undefined;
  const { eventual } = request;
  const query = parseQuery(request.parameters, searchable ? { search: { eventual } } : {});
  const store = request.store.collection(resource.spec);
  const declared = declaredOf(resource);
  if (declared !== undefined && !shows(version, declared)) throw unknownSegment(declared);
  if (resource.organization !== undefined && resource.organization !== request.tenantId) {
    throw new GraphError(
      404,
      "Request_ResourceNotFound",
      `Resource '${resource.organization}' does not exist.`,
    );
  }
  const single = resource.spec.singleIn?.includes(version) ?? false;
  if (resource.id === undefined && !single) {
    return resource.count ? countAll(request, store, query) : list(request, store, query);
  }
  if (single && resource.id !== undefined) throw notFound(request);
  const [first] = single ? store.indexes() : [];
  const index = single ? first : store.find(resource.id ?? "");
  const types = typesOf(resource);
  if (index === undefined || store.isGone(index) || (types && !isOneOf(store.typeAt(index), types))) {
    throw notFound(request);
  }
  const entity = guarded(store.entityAt(index), resource.spec, request.roles);
  if (resource.call !== undefined) return call(request, entity);
  if (resource.steps.length > 0) return below(request, entity, query);
  const fragment = single ? resource.spec.path : `${resource.spec.path}/$entity`;
  return {
    "@odata.context": context(request, fragment),
    ...render(entity, resource.spec.navigations, viewOf(request, query, false)),
  };
}

/** A cast may name a type above the object's own. */
function isOneOf(type: string, types: readonly string[]): boolean {
  const line = schemas.beta.lineOf(type);
  return types.some((name) => name === type || line.includes(name));
}
