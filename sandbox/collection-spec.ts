export type Version = "v1.0" | "beta";

/** Which of Graph's limits a request counts against. */
export type Family = "intune" | "conditionalAccess" | "policies" | "directory" | "auditLogs";

/** A navigation property: children that are not part of their object's own JSON. */
export interface NavigationSpec {
  /** Its value is binary, in JSON base64: read by itself it comes as it is. */
  stream?: true;
  /** A property of the object after all, null in it: its own address alone gives the value, or 204. */
  property?: true;
  /** How many elements a page of its own endpoint holds; without it all come at once. */
  pageSize?: number;
  /** Where `$expand` may name it: everywhere, only when one object is read, or nowhere. */
  expand: "anywhere" | "item" | "never";
  /** A single object instead of a collection. */
  single?: true;
  /** A function bound to the object: in no list of properties. */
  function?: true;
  /** Only objects of some types have it, and not all of them. */
  sparse?: true;
  /** Properties that only the element's own collection tells. */
  abridged?: readonly string[];
  /** The collection in which the elements live: what is deleted there is gone here, what is given here is there. */
  livesIn?: string;
  navigations?: Navigations;
}

export type Navigations = Readonly<Record<string, NavigationSpec>>;

export interface CollectionSpec {
  path: string;
  versions: readonly Version[];
  family: Family;
  /** Application permissions of which any one suffices; the ReadWrite form of each does too. */
  permissions: readonly string[];
  /** Short names of the entity types that live here. The first is the declared type. */
  types: readonly string[];
  /** Objects on a page unless `$top` says otherwise. */
  pageSize: number;
  navigations: Navigations;
  /** Properties that the list returns as null although reading one object returns them. */
  nullInList?: readonly string[];
  /** One object instead of a collection, in these versions. */
  singleIn?: readonly Version[];
  /** Shows the objects of another collection that are of `types`. */
  viewOf?: string;
  /** The property that identifies an object instead of `id`, which it then lacks; empty: none does. */
  key?: string;
  /** A list without such a filter is refused. */
  needsFilter?: true;
  /** Lists tell how many objects the page has, unasked. */
  countsPage?: true;
  /** Continuations are doubly percent-encoded, as of the stores behind some services. */
  encodedTokens?: true;
  /** What policies name by id, not configuration: drift leaves it alone, and a tenant's objects do not count it. */
  namesOnly?: true;
  /** Properties that come as null without one of these permissions. */
  guarded?: Readonly<Record<string, readonly string[]>>;
}
