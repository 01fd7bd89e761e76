import type { GraphObject, Json } from "../json.ts";
import type { Random } from "../random.ts";

/** What a generated object may refer to: the same tenant's other objects, by stable ids. */
export interface World {
  /** The id of a group; some of those that policies name are deleted. */
  groupId(n: number): string;
  userId(n: number): string;
  /** The application id of an enterprise application. */
  appId(n: number): string;
  /** The id of the n-th object of a collection, modulo how many were generated; undefined when there are none. */
  idIn(collection: string, n: number): string | undefined;
  /** How many objects of a collection were generated. */
  countOf(collection: string): number;
  /** The n-th of a collection's objects whose type passes, modulo their number, without its children. */
  oneOf(collection: string, passes: (type: string) => boolean, n: number): GraphObject | undefined;
  /** The n-th object of a collection without its children. */
  propsIn(collection: string, n: number): GraphObject;
}

/** What a kind knows when it makes one object. */
export interface Making {
  id: string;
  /** 0, 1, 2 … among the objects of its group. */
  ordinal: number;
  world: World;
  /** A stream of its own for each name, so that parts can be made alone and in any order. */
  random(part: string): Random;
}

/** How objects of one entity type are made. */
export interface Kind {
  /** Short entity type, without `#microsoft.graph.`. */
  type: string;
  /** Text around the GUID, for the ids that are more than a GUID. */
  idPrefix?: string;
  idSuffix?: string;
  /** The object's own properties, apart from `@odata.type` and `id`. */
  props(making: Making): GraphObject;
  /** Children by the name of their navigation property, deeper children inline. */
  navigations?: Record<string, (making: Making) => Json>;
}

/** Objects that are counted together: what an administrator would call one type of policy. */
export interface Group {
  collection: string;
  /** Share among the policies of a tenant; foundations have none and are counted by `foundation`. */
  weight?: number;
  foundation?: (policies: number) => number;
  /** Of a kind that tenants have a handful of: they come on top of the policies, in tenants of some size. */
  few?: number;
  /** The n-th object is of kind n modulo their number. */
  kinds: readonly [Kind, ...Kind[]];
  /** Ids that are the same in every tenant, for the first objects. */
  fixedIds?: readonly string[];
  /** Ids are 0, 1, 2 … */
  numberedIds?: true;
  /** There is exactly one, in every tenant. */
  single?: true;
}
