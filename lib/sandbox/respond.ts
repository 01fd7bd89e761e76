import { type CollectionSpec, granted, type NavigationSpec, type Navigations } from "./collections.ts";
import { type Entity, inlineEntity } from "./entity.ts";
import { GraphError, intuneMessage, type RequestIds } from "./http-error.ts";
import { type GraphObject, isObject, type Json, objectsOf } from "./json.ts";
import { nextLink } from "./next-link.ts";
import { type Expand, parseQuery, type Query } from "./odata-query.ts";
import type { GraphPath, Resource } from "./resource-path.ts";
import type { CollectionStore, TenantStore } from "./store.ts";

/** One GET on a resource, already allowed. */
interface ResourceRequest {
  store: TenantStore;
  graphPath: GraphPath;
  resource: Resource;
  parameters: URLSearchParams;
  /** `http://localhost:4000`: links in the answer stay on the caller's origin, as Graph's do. */
  origin: string;
  ids: RequestIds;
  /** What the token may do, for the functions that need more than reading. */
  roles: readonly string[];
}

function notFound(request: ResourceRequest): GraphError {
  const { graphPath, resource, ids } = request;
  const text = `Resource not found for the segment '${resource.id ?? graphPath.path}'.`;
  if (resource.spec.family !== "intune") return new GraphError(404, "ResourceNotFound", text);
  return new GraphError(404, "ResourceNotFound", intuneMessage("An error has occurred", graphPath.path, ids));
}

function expandable(navigations: Navigations, item: Expand, inList: boolean): NavigationSpec {
  const spec = navigations[item.name];
  if (!spec) {
    throw new GraphError(
      400,
      "BadRequest",
      `Parsing OData Select and Expand failed: Could not find a property named '${item.name}'.`,
    );
  }
  if (spec.expand === "never" || (spec.expand === "item" && inList)) {
    throw new GraphError(
      400,
      "BadRequest",
      `The property '${item.name}' cannot be expanded on a collection.`,
    );
  }
  return spec;
}

function selected(props: GraphObject, select: string[] | undefined): GraphObject {
  if (!select || select.includes("*")) return props;
  const wanted = new Set([...select, "id", "@odata.type"]);
  return Object.fromEntries(Object.entries(props).filter(([name]) => wanted.has(name)));
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

function abridged(object: GraphObject, spec: NavigationSpec): GraphObject {
  const { abridged: left } = spec;
  return left ? Object.fromEntries(Object.entries(object).filter(([name]) => !left.includes(name))) : object;
}

function render(
  entity: Entity,
  navigations: Navigations,
  options: {
    select: string[] | undefined;
    expand: Expand[];
    inList: boolean;
    nullInList?: readonly string[];
  },
): GraphObject {
  const result: GraphObject = { ...selected(entity.props, options.select) };
  if (options.inList) {
    for (const name of options.nullInList ?? []) if (name in result) result[name] = null;
  }
  for (const item of options.expand) {
    const spec = expandable(navigations, item, options.inList);
    const inner = spec.navigations ?? {};
    const each = (object: GraphObject) =>
      render(inlineEntity(abridged(object, spec), inner), inner, {
        select: item.select,
        expand: item.expand,
        inList: false,
      });
    const value = entity.navigation(item.name);
    result[item.name] = spec.single ? (isObject(value) ? each(value) : null) : objectsOf(value).map(each);
  }
  return result;
}

function nextLinkOf({ graphPath, parameters, origin }: ResourceRequest, position: number): string {
  return nextLink({ parameters, origin, path: graphPath.path, version: graphPath.version }, position);
}

function context(request: ResourceRequest, fragment: string): string {
  return `${request.origin}/${request.graphPath.version}/$metadata#${fragment}`;
}

function* matching(
  store: CollectionStore,
  types: readonly string[] | undefined,
  query: Query,
): Generator<{ index: number; entity: Entity }> {
  for (const index of store.indexes(query.skipToken)) {
    if (types && !types.includes(store.typeAt(index))) continue;
    const entity = store.entityAt(index);
    if (!query.filter || query.filter(entity.props)) yield { index, entity };
  }
}

/** Only a typed view or a cast leaves objects of the collection out. */
function typesOf({ spec, cast }: Resource): readonly string[] | undefined {
  if (cast !== undefined) return [cast];
  return spec.viewOf === undefined ? undefined : spec.types;
}

function countAll(store: CollectionStore, resource: Resource, query: Query): number {
  const types = typesOf(resource);
  if (!types && !query.filter) return store.count();
  let count = 0;
  for (const _ of matching(store, types, { ...query, skipToken: 0 })) count++;
  return count;
}

function list(request: ResourceRequest, store: CollectionStore, query: Query): GraphObject {
  const { spec } = request.resource;
  const size = query.top ?? spec.pageSize;
  const value: GraphObject[] = [];
  let next: number | undefined;
  let skipped = 0;
  for (const { index, entity } of matching(store, typesOf(request.resource), query)) {
    if (skipped++ < query.skip) continue;
    if (value.length === size) {
      next = index;
      break;
    }
    value.push(
      render(guarded(entity, spec, request.roles), spec.navigations, {
        select: query.select,
        expand: query.expand,
        inList: true,
        ...(spec.nullInList && { nullInList: spec.nullInList }),
      }),
    );
  }
  if (value.length === 0) for (const item of query.expand) expandable(spec.navigations, item, true);
  return {
    "@odata.context": context(request, spec.path),
    ...(query.count && { "@odata.count": countAll(store, request.resource, query) }),
    ...(next !== undefined && { "@odata.nextLink": nextLinkOf(request, next) }),
    value,
  };
}

function children(
  request: ResourceRequest,
  elements: GraphObject[],
  step: { name: string; spec: NavigationSpec },
  fragment: string,
  query: Query,
): GraphObject {
  const navigations = step.spec.navigations ?? {};
  const found = query.filter ? elements.filter(query.filter) : elements;
  const from = query.skipToken + query.skip;
  const size = query.top ?? step.spec.pageSize ?? found.length;
  const value = found.slice(from, from + size).map((element) =>
    render(inlineEntity(abridged(element, step.spec), navigations), navigations, {
      select: query.select,
      expand: query.expand,
      inList: true,
    }),
  );
  return {
    "@odata.context": context(request, fragment),
    ...(query.count && { "@odata.count": found.length }),
    ...(from + size < found.length && { "@odata.nextLink": nextLinkOf(request, from + size) }),
    value,
  };
}

function below(request: ResourceRequest, entity: Entity, query: Query): Json {
  const { resource } = request;
  let fragment = `${resource.spec.path}('${resource.id}')`;
  let here = entity;
  for (const [at, step] of resource.steps.entries()) {
    const value = here.navigation(step.name);
    fragment += `/${step.name}`;
    const last = at === resource.steps.length - 1;
    const navigations = step.spec.navigations ?? {};
    const element = step.spec.single
      ? isObject(value) && value
      : objectsOf(value).find((candidate) => candidate.id === step.id);
    if (last && !step.spec.single && step.id === undefined) {
      const elements = objectsOf(value);
      if (resource.count) return elements.length;
      return children(request, elements, step, fragment, query);
    }
    if (!element) throw notFound(request);
    here = inlineEntity(element, navigations);
    if (last) {
      const body = render(here, navigations, { ...query, inList: false });
      return { "@odata.context": context(request, `${fragment}/$entity`), ...body };
    }
    if (step.id !== undefined) fragment += `('${step.id}')`;
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
 * The body that Graph answers to a GET.
 * @throws GraphError 400 for an option that does not fit, 404 for an object that is not (or no longer) there
 */
export function respond(request: ResourceRequest): Json {
  const { resource, graphPath } = request;
  const query = parseQuery(request.parameters);
  const store = request.store.collection(resource.spec);
  const single = resource.spec.singleIn?.includes(graphPath.version) ?? false;
  if (resource.id === undefined && !single) {
    return resource.count ? countAll(store, resource, query) : list(request, store, query);
  }
  if (single && resource.id !== undefined) throw notFound(request);
  const [first] = single ? store.indexes() : [];
  const index = single ? first : store.find(resource.id ?? "");
  const types = typesOf(resource);
  if (index === undefined || store.isGone(index) || (types && !types.includes(store.typeAt(index)))) {
    throw notFound(request);
  }
  const entity = guarded(store.entityAt(index), resource.spec, request.roles);
  if (resource.call !== undefined) return call(request, entity);
  if (resource.steps.length > 0) return below(request, entity, query);
  const fragment = single ? resource.spec.path : `${resource.spec.path}/$entity`;
  return {
    "@odata.context": context(request, fragment),
    ...render(entity, resource.spec.navigations, { ...query, inList: false }),
  };
}
