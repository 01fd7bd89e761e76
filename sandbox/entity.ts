import type { Navigations } from "./collections.ts";
import type { GraphObject, Json } from "./json.ts";

/** An object apart from its children, which are made only when asked for. */
export interface Entity {
  readonly props: GraphObject;
  /** The value of a navigation property, nested navigation properties inline; undefined when there is none. */
  navigation(name: string): Json | undefined;
}

/** An entity from an object that has its children inline. */
export function inlineEntity(object: GraphObject, navigations: Navigations): Entity {
  const props: GraphObject = {};
  for (const [key, value] of Object.entries(object)) {
    if (!Object.hasOwn(navigations, key)) props[key] = value;
    else if (navigations[key]?.property) props[key] = null;
  }
  return { props, navigation: (name) => (Object.hasOwn(navigations, name) ? object[name] : undefined) };
}

/** The whole object, every child of every level inline. */
export function wholeObject(entity: Entity, navigations: Navigations): GraphObject {
  const whole: GraphObject = { ...entity.props };
  for (const [name, { single, sparse }] of Object.entries(navigations)) {
    const value = entity.navigation(name) ?? (sparse ? undefined : single ? null : []);
    if (value !== undefined) whole[name] = value;
  }
  return whole;
}
