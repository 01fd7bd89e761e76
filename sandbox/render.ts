import type { NavigationSpec, Navigations, Version } from "./collections.ts";
import { type Entity, inlineEntity } from "./entity.ts";
import { GraphError } from "./http-error.ts";
import { type GraphObject, isObject, objectsOf, typeName } from "./json.ts";
import type { Expand } from "./odata-query.ts";
import { narrowedObject, schemas } from "./schema.ts";

/** How an object is to be shown. */
export interface View {
  version: Version;
  /** The type that the metadata gives the place where it stands. */
  declared: string | undefined;
  /** The URL that the object's annotations begin with, without its key: `…/$metadata#collection`. */
  context: string;
  /** The property that identifies it instead of `id`; empty when none does. */
  key?: string | undefined;
  select: string[] | undefined;
  expand: Expand[];
  inList: boolean;
  /** Nothing is narrowed: see `TenantStore.asGiven`. */
  asGiven: boolean;
  nullInList?: readonly string[] | undefined;
}

/** Whether objects of a type have a child in a version. Of types in no metadata all is taken. */
export function offers(
  version: Version,
  type: string | undefined,
  name: string,
  spec: NavigationSpec,
): boolean {
  if (type === undefined || spec.function) return true;
  const known = schemas.beta.has(type) || schemas["v1.0"].has(type);
  return !known || schemas[version].propertiesOf(type).has(name);
}

/** The type that the metadata gives a child. */
export function typeOfChild(version: Version, type: string | undefined, name: string): string | undefined {
  return type === undefined ? undefined : schemas[version].propertiesOf(type).get(name)?.type;
}

/** @throws GraphError 400 for what cannot be expanded here */
export function expandable(
  navigations: Navigations,
  item: Expand,
  { version, declared, inList }: Pick<View, "version" | "declared" | "inList">,
): NavigationSpec {
  const spec = navigations[item.name];
  if (!spec || !offers(version, item.cast ?? declared, item.name, spec)) {
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

/** An element without what only its own collection tells. */
export function abridged(object: GraphObject, { abridged: left }: NavigationSpec): GraphObject {
  return left ? Object.fromEntries(Object.entries(object).filter(([name]) => !left.includes(name))) : object;
}

/** The object as a version of Graph shows it, with what is expanded and its annotations. */
export function render(entity: Entity, navigations: Navigations, view: View): GraphObject {
  const { version, declared } = view;
  const props: GraphObject = { ...selected(entity.props, view.select) };
  if (view.inList) for (const name of view.nullInList ?? []) if (name in props) props[name] = null;
  const type = typeName(entity.props) || declared;
  const result = view.asGiven ? { ...props } : narrowedObject(props, declared, version);
  if (view.key !== undefined) delete result.id;
  for (const item of view.expand) {
    const spec = expandable(navigations, item, view);
    if (item.cast !== undefined && !(type && schemas.beta.lineOf(type).includes(item.cast))) continue;
    const inner = spec.navigations ?? {};
    const context = `${view.context}('${String(entity.props.id)}')/${item.name}`;
    const each = (object: GraphObject) =>
      render(inlineEntity(abridged(object, spec), inner), inner, {
        version,
        declared: typeOfChild(version, item.cast ?? type, item.name),
        context,
        select: item.select,
        expand: item.expand,
        inList: false,
        asGiven: view.asGiven,
      });
    const value = entity.navigation(item.name);
    result[`${item.name}@odata.context`] = context;
    result[item.name] = spec.single ? (isObject(value) ? each(value) : null) : objectsOf(value).map(each);
  }
  return result;
}
