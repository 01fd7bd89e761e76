import { isGuid, noGuid } from "#lib/guid";
import { holdsTargets, holdsTenants } from "#lib/names/collect";

/** One difference between two policies. */
export interface DocumentChange {
  kind: "added" | "removed" | "changed";
  /**
   * Where: property names from the root; elements of a list in brackets, by what identifies them
   * (`[device_vendor_msft_…]`) or by their place (`[0]`).
   */
  path: string[];
  /** Before and after; absent where there is none. */
  before?: unknown;
  after?: unknown;
}

export interface DiffOptions {
  /** The documents are of two tenants: what Graph numbers or dates in each tenant by itself is no difference. */
  acrossTenants?: boolean;
}

/**
 * The differences between two policies as stored, in the order of their paths. Elements of lists are matched by what
 * identifies them, so that a new setting at the top of a list is one difference, and another order of the same
 * elements is none.
 * @returns empty when nothing but such an order differs
 */
export function diffDocuments(left: unknown, right: unknown, options: DiffOptions = {}): DocumentChange[] {
  return differences(left, right, options, Number.POSITIVE_INFINITY);
}

/** Whether two policies say the same: `diffDocuments` finds nothing. It ends at the first difference. */
export function sameDocument(left: unknown, right: unknown, options: DiffOptions = {}): boolean {
  return differences(left, right, options, 1).length === 0;
}

/**
 * What a policy says, as a text: two texts are equal exactly if `diffDocuments` finds nothing between the documents. To
 * find those that say the same among many without comparing each with each.
 */
export function sayingOf(document: unknown, options: DiffOptions = {}): string {
  return textOf(new Keyed(options).of(document));
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) {
    // As `fieldsOf` has it: an empty list is a list of objects without any.
    if (value.length === 0) return "{}";
    return `[${value
      .map((each) => JSON.stringify(each))
      .sort()
      .join()}]`;
  }
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.keys(value).sort();
  return `{${fields.map((key) => `${JSON.stringify(key)}:${textOf(value[key])}`).join()}}`;
}

function differences(left: unknown, right: unknown, options: DiffOptions, atMost: number): DocumentChange[] {
  const walk: Walk = { left: new Keyed(options), right: new Keyed(options), changes: [], atMost };
  collect(walk.left.of(left), walk.right.of(right), [], walk);
  return walk.changes;
}

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Properties in which the same policy differs from tenant to tenant, at the root and wherever they are. */
const ownOfTenant = new Set([
  "id",
  "createdDateTime",
  "roleScopeTagIds",
  "groupId",
  "source",
  "sourceId",
  // Whether a filter includes or excludes is the same everywhere, and stands beside it.
  "deviceAndAppManagementAssignmentFilterId",
  // The groups of a role's assignment.
  "members",
  "resourceScopes",
  "scopeMembers",
]);

/** @param within the property that the object stands in, or in whose list */
function isOwnOfTenant(object: Fields, property: string, within: string | null): boolean {
  if (!ownOfTenant.has(property)) return false;
  if (property === "members") return !holdsTenants(object);
  return property !== "id" || !isOfEveryTenant(object.id, within);
}

/** Whether an id says in every tenant the same: all users, or nobody, that an authentication method is for. */
function isOfEveryTenant(id: unknown, within: string | null): boolean {
  return within !== null && holdsTargets(within) && typeof id === "string" && (!isGuid(id) || id === noGuid);
}

/** A document whose lists of objects are objects under their elements' identity, and the way back. */
class Keyed {
  readonly #options: DiffOptions;
  readonly #originals = new WeakMap<object, unknown>();

  constructor(options: DiffOptions) {
    this.#options = options;
  }

  /** @param within the property that the value stands in, or in whose list; null: at the root */
  of(value: unknown, within: string | null = null): unknown {
    if (Array.isArray(value)) return this.#list(value, within);
    if (!isObject(value)) return value;
    return this.#made(
      value,
      Object.keys(value)
        .filter((key) => !(this.#options.acrossTenants && isOwnOfTenant(value, key, within)))
        .map((key) => [key, this.of(value[key], key)] as const),
    );
  }

  /** What a part of the keyed document was in the document itself. */
  original(value: unknown): unknown {
    return typeof value === "object" && value !== null && this.#originals.has(value)
      ? this.#originals.get(value)
      : value;
  }

  #list(list: readonly unknown[], within: string | null): unknown {
    if (list.length === 0 || !list.every(isObject)) {
      const made = list.map((entry) => this.of(entry, within));
      this.#originals.set(made, list);
      return made;
    }
    const elements = list.map((element, index) => {
      const identity = identityOf(element, within, this.#options) ?? { label: String(index), of: "place" };
      // Settings carry their place as `id`; where they are known by something better, that is noise.
      const content =
        identity.of !== "id" && typeof element.id === "string" && /^\d+$/.test(element.id)
          ? Object.fromEntries(Object.entries(element).filter(([key]) => key !== "id"))
          : element;
      const made = this.of(content, within);
      if (typeof made === "object" && made !== null) this.#originals.set(made, element);
      return { label: identity.label, made };
    });
    const entries = [...Map.groupBy(elements, ({ label }) => label)].flatMap(([label, alike]) =>
      this.#inOrder(alike.map(({ made }) => made)).map(
        (made, at) => [`[${label}${at > 0 ? ` #${at + 1}` : ""}]`, made] as const,
      ),
    );
    return this.#made(
      list,
      entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
    );
  }

  /** Elements of one label: of two tenants, in the order of what they say, since that of their lists goes by the tenants' ids. */
  #inOrder(alike: readonly unknown[]): readonly unknown[] {
    if (!this.#options.acrossTenants || alike.length === 1) return alike;
    return alike
      .map((made) => ({ made, text: textOf(made) }))
      .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
      .map(({ made }) => made);
  }

  #made(original: unknown, entries: readonly (readonly [string, unknown])[]): Fields {
    const made = Object.fromEntries(entries);
    this.#originals.set(made, original);
    return made;
  }
}

/** What tells an element of a list apart from its neighbors, whatever its place; the first that it has. */
function identityOf(
  element: Fields,
  within: string | null,
  options: DiffOptions,
): { label: string; of: "id" | "content" } | null {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
  const nested = (key: string, of: string) => {
    const inner = element[key];
    return isObject(inner) ? text(inner[of]) : null;
  };
  const content =
    nested("settingInstance", "settingDefinitionId") ??
    text(element.settingDefinitionId) ??
    targetOf(element, options) ??
    nested("definition", "id") ??
    nested("presentation", "id") ??
    nested("mobileAppIdentifier", "packageId") ??
    nested("mobileAppIdentifier", "bundleId") ??
    text(element.omaUri) ??
    text(element.definitionId);
  if (content !== null) return { label: content, of: "content" };
  const id = text(element.id);
  const isKept = !options.acrossTenants || isOfEveryTenant(id, within);
  if (id !== null && isKept) return { label: id, of: "id" };
  const name =
    text(element.displayName) ??
    text(element.name) ??
    text(element.key) ??
    text(element.ruleName) ??
    text(element.actionType) ??
    text(element.locale);
  if (name !== null) return { label: name, of: "content" };
  // What goes by its id within one tenant has no place that would mean anything between two.
  return id === null ? null : { label: typeOf(element) || "entry", of: "content" };
}

/** The `@odata.type` of an object without its namespace; empty where it says none. */
function typeOf(object: Fields): string {
  return String(object["@odata.type"] ?? "").replace(/^#microsoft\.graph\./, "");
}

/** Whom an assignment is for. */
function targetOf(element: Fields, options: DiffOptions): string | null {
  const { target } = element;
  if (!isObject(target)) return null;
  const type = typeOf(target);
  const group = options.acrossTenants ? undefined : target.groupId;
  return type === "" ? null : typeof group === "string" ? `${type} ${group}` : type;
}

/** Walks both keyed documents side by side. Own properties only: a policy may call one `constructor`. */
function collect(left: unknown, right: unknown, path: string[], walk: Walk): void {
  if (Array.isArray(left) && Array.isArray(right)) {
    collectValues(left, right, path, walk);
    return;
  }
  const [before, after] = [fieldsOf(left, right), fieldsOf(right, left)];
  if (!before || !after) {
    if (left === right) return;
    walk.changes.push({
      kind: "changed",
      path,
      before: walk.left.original(left),
      after: walk.right.original(right),
    });
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (walk.changes.length >= walk.atMost) return;
    const inner = [...path, key];
    if (!Object.hasOwn(after, key)) {
      walk.changes.push({ kind: "removed", path: inner, before: walk.left.original(before[key]) });
    } else if (!Object.hasOwn(before, key)) {
      walk.changes.push({ kind: "added", path: inner, after: walk.right.original(after[key]) });
    } else collect(before[key], after[key], inner, walk);
  }
}

/** An object's fields. An empty list beside a list of objects is one without any. */
function fieldsOf(value: unknown, other: unknown): Fields | null {
  if (isObject(value)) return value;
  return Array.isArray(value) && value.length === 0 && isObject(other) ? {} : null;
}

/** Lists of plain values: what is in the one and not in the other, as often. Their order is no difference. */
function collectValues(
  left: readonly unknown[],
  right: readonly unknown[],
  path: string[],
  walk: Walk,
): void {
  const surplus = (list: readonly unknown[], other: readonly unknown[]) => {
    const counts = new Map<string, number>();
    for (const value of other) {
      const text = JSON.stringify(value);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return list.flatMap((value, index) => {
      const text = JSON.stringify(value);
      const count = counts.get(text) ?? 0;
      counts.set(text, count - 1);
      return count > 0 ? [] : [{ value, path: [...path, `[${index}]`] }];
    });
  };
  for (const { value, path } of surplus(left, right)) {
    walk.changes.push({ kind: "removed", path, before: walk.left.original(value) });
  }
  for (const { value, path } of surplus(right, left)) {
    walk.changes.push({ kind: "added", path, after: walk.right.original(value) });
  }
}

interface Walk {
  left: Keyed;
  right: Keyed;
  changes: DocumentChange[];
  /** The walk ends when it has found this many. */
  atMost: number;
}
