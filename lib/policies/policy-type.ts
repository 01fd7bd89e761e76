import type { ThrottleFamily } from "#lib/graph/families";

export type PolicyKind = "policy" | "foundation";

/** Something below an item that Graph serves from an endpoint of its own; stored inline under `key`. */
export interface Child {
  /** The property of the stored document, and the path segment below the item unless `path` says otherwise. */
  key: string;
  path?: string;
  /** Query without `?`, such as `$expand=definition`. */
  query?: string;
  /**
   * A single object, or the content of a stream (stored as base64), instead of a collection. Where there is none, the
   * document stays as it was listed.
   */
  shape?: "object" | "stream";
  /**
   * Short names of the entity types that have it. Other items are left alone; the address of these is cast, as in
   * `…/{id}/microsoft.graph.iosVpnConfiguration/identityCertificate`.
   */
  of?: readonly string[];
  /** Only the items for which the selector holds have it. */
  when?: Selector;
  /** Only items where one of these numbers is above zero have any: the others are not asked. */
  whenPositive?: readonly string[];
  /** It leads to objects of their own: only what names them is stored. */
  reference?: true;
  /** Of the collection only the entries with this value are stored; the others mirror another item's. */
  keep?: { property: string; equals: string };
  /** Where Graph refuses it, the item is stored without, and a note says so. */
  optional?: true;
  /** The item's property that announces how many there are. */
  announcedBy?: string;
  /** Below each entry. */
  children?: readonly Child[];
  /** A collection where each entry is read again by id, because the list below the item abridges it. */
  wholeAt?: string;
  /** Query without `?` of the reading at `wholeAt`. */
  wholeQuery?: string;
}

/** Tells types apart that share a collection. Compares without regard to case; a missing property is "". */
export interface Selector {
  /** Property path, dots between nested ones. */
  property: "@odata.type" | "templateReference.templateFamily";
  equals?: readonly string[];
  startsWith?: string;
  /** The selector holds for the items that do NOT match. */
  negated?: true;
}

/** The typed collection of one `@odata.type`, where alone its children exist. */
export interface TypedCollection {
  path: string;
  children: readonly Child[];
}

/** One kind of configuration object that can be captured: a policy type or a foundation. */
export interface PolicyType {
  key: string;
  kind: PolicyKind;
  label: string;
  category: string;
  /** The revision of the catalog that brought it; see `catalogRevision`. */
  since: number;
  /**
   * Path of the collection, or of the object itself when `single`; without version and leading slash.
   * `{organizationId}` stands for the tenant's own id.
   */
  path: string;
  /**
   * The type that Graph's metadata gives what stands at `path`, short. Graph leaves `@odata.type` out where an object is
   * of that type; it is stored all the same, so that a document says what it is. Null: no metadata has the path.
   */
  declares: string | null;
  version: "v1.0" | "beta";
  /** Why v1.0 is read although beta's schema has more; null where nothing is lost. */
  versionReason: string | null;
  /** The least application permission that reads it. */
  permission: string;
  /** Other application permissions that read it too, beside the ReadWrite form of `permission`. */
  alsoGrantedBy: readonly string[];
  family: ThrottleFamily;
  /** One object a tenant rather than a collection. */
  single: boolean;
  /** The property that identifies an item. */
  idProperty: string;
  /** Null: the whole collection is of this type. All must hold. */
  selectors: readonly Selector[];
  /** Query without `?` that every list request carries, such as a `$filter` that Graph insists on. */
  listQuery: string | null;
  /** `$expand` to ask for in the list; when Graph refuses it, the children are read one by one. */
  listExpand: string | null;
  /** Statuses by which Graph says that the tenant has nothing of the type. */
  absentOn: readonly number[];
  /** The product whose license the type needs, where tenants commonly lack it; null: none in particular. */
  license: string | null;
  /** Statuses that mean a missing license where the permission is granted; beside Graph's error codes for it. */
  unlicensedOn: readonly number[];
  /** The list abridges: each item is read again by id, its children expanded where Graph allows. */
  readById: boolean;
  /** Typed collections by `@odata.type` without `#microsoft.graph.`; read by id there instead of at `path`. */
  typed: Readonly<Record<string, TypedCollection>> | null;
  /** Properties that the list omits and Graph returns only when they are selected by name. */
  selectOnly: readonly string[];
  children: readonly Child[];
  /**
   * Properties that change without an administrator's doing, beside those of `alwaysVolatile`. Nested ones with
   * slashes; lists on the way are passed through, as in `companyCodes/qrCodeImage`.
   */
  volatile: readonly string[];
  /** Root properties that hold secrets: never stored, a note says so. */
  secrets: readonly string[];
  /** Root properties that Graph takes and never returns: a note says that they are missing. */
  writeOnly: readonly string[];
  /** Folder of exports in the layout of IntuneManagement. */
  exportFolder: string;
  /** Another folder for the objects of which a root property is true. */
  exportFolderWhen?: { property: string; folder: string };
}

/** Root properties that are volatile in every type: they say when and who, not what. */
export const alwaysVolatile: readonly string[] = [
  "lastModifiedDateTime",
  "modifiedDateTime",
  "lastModifiedBy",
  "lastModifiedByUser",
  "modifiedBy",
  "version",
];

/** Whether a selector holds for an object. */
export function holds(selector: Selector, item: Readonly<Record<string, unknown>>): boolean {
  const value = propertyAt(item, selector.property).toLowerCase();
  const matches = selector.startsWith
    ? value.startsWith(selector.startsWith.toLowerCase())
    : (selector.equals ?? []).some((expected) => expected.toLowerCase() === value);
  return matches !== (selector.negated ?? false);
}

/** Whether an object of the type's collection is of this type. */
export function selects(type: PolicyType, item: Readonly<Record<string, unknown>>): boolean {
  return type.selectors.every((selector) => holds(selector, item));
}

function propertyAt(item: Readonly<Record<string, unknown>>, property: Selector["property"]): string {
  if (property === "@odata.type") {
    const type = item[property];
    return typeof type === "string" ? type : "";
  }
  const reference = item.templateReference;
  const family =
    reference && typeof reference === "object" && "templateFamily" in reference
      ? reference.templateFamily
      : "";
  return typeof family === "string" ? family : "";
}
