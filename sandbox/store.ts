import { baseOf, COLLECTIONS, type CollectionSpec, type Navigations, viewFor } from "./collections.ts";
import { drifted, type Revision } from "./drift.ts";
import { type Entity, inlineEntity, wholeObject } from "./entity.ts";
import { type GraphObject, objectsOf, typeName } from "./json.ts";
import { Random } from "./random.ts";
import { schemas } from "./schema.ts";

/** Objects that are made when asked for, by index. */
export interface Source {
  readonly size: number;
  typeAt(index: number): string;
  entityAt(index: number): Entity;
  indexOf(id: string): number | undefined;
  /** `count` further objects after the last one. */
  grow(count: number): void;
  /** Back to the first size. */
  shrink(): void;
}

/** Index of the first object given as it is; below are those of the source. */
const GIVEN = 2 ** 31;

function navigationsOf(spec: CollectionSpec, type: string): Navigations {
  return viewFor(spec, type).navigations;
}

/** What of a given object are children: in another type a property of the same name may be plain. */
function childrenOf(spec: CollectionSpec, type: string): Navigations {
  const properties = schemas.beta.propertiesOf(type);
  return Object.fromEntries(
    Object.entries(navigationsOf(spec, type)).filter(([name, { property, stream }]) => {
      const known = properties.get(name);
      return !known || property || stream || schemas.beta.isEntity(known.type);
    }),
  );
}

/** Navigation properties whose elements live in a collection of their own. */
function linksOf(spec: CollectionSpec): { name: string; collection: string }[] {
  return Object.entries(spec.navigations).flatMap(([name, { livesIn }]) =>
    livesIn === undefined ? [] : [{ name, collection: livesIn }],
  );
}

/** An object of another collection as it is now; undefined when it is not there (any more). */
type Lookup = (collection: string, id: string) => GraphObject | undefined;

/** The objects of one collection of one tenant, with what happened to them since the start. */
export class CollectionStore {
  readonly spec: CollectionSpec;
  readonly #links: ReadonlyMap<string, string>;
  readonly #lookup: Lookup;
  readonly #source: Source | undefined;
  readonly #initial: readonly GraphObject[];
  #given: GraphObject[];
  #givenById: Map<string, number> | undefined;
  readonly #removed = new Set<number>();
  readonly #gone = new Set<number>();
  /** When an object that was just made shows, in milliseconds. */
  readonly #hiddenUntil = new Map<number, number>();
  readonly #revisions = new Map<number, Revision>();

  constructor(
    spec: CollectionSpec,
    source: Source | undefined,
    initial: readonly GraphObject[],
    lookup: Lookup,
  ) {
    this.spec = spec;
    this.#links = new Map(linksOf(spec).map(({ name, collection }) => [name, collection]));
    this.#lookup = lookup;
    this.#source = source;
    this.#initial = initial;
    this.#given = [...initial];
  }

  /** Indexes of the objects that are there, in list order, from `from` on. */
  *indexes(from = 0): Generator<number> {
    const size = this.#source?.size ?? 0;
    for (let index = from; index < size; index++) if (!this.#removed.has(index)) yield index;
    for (let at = Math.max(0, from - GIVEN); at < this.#given.length; at++) {
      if (!this.#removed.has(GIVEN + at)) yield GIVEN + at;
    }
  }

  count(): number {
    return (this.#source?.size ?? 0) + this.#given.length - this.#removed.size;
  }

  typeAt(index: number): string {
    if (index < GIVEN) return this.#source?.typeAt(index) ?? "";
    const object = this.#given[index - GIVEN];
    return object ? typeName(object) : "";
  }

  entityAt(index: number): Entity {
    return this.#linked(drifted(this.#original(index), this.#revisions.get(index)));
  }

  #linked(entity: Entity): Entity {
    if (this.#links.size === 0) return entity;
    return {
      props: entity.props,
      navigation: (name) => {
        const value = entity.navigation(name);
        const collection = this.#links.get(name);
        if (collection === undefined || value === undefined) return value;
        return objectsOf(value).flatMap((element) => this.#lookup(collection, String(element.id)) ?? []);
      },
    };
  }

  #original(index: number): Entity {
    if (index < GIVEN && this.#source) return this.#source.entityAt(index);
    const object = this.#given[index - GIVEN] ?? {};
    return inlineEntity(object, childrenOf(this.spec, typeName(object)));
  }

  /** The index of the object with this id, when it is there. */
  find(id: string): number | undefined {
    const generated = this.#source?.indexOf(id);
    if (generated !== undefined && !this.#removed.has(generated)) return generated;
    this.#givenById ??= new Map(this.#given.map((object, at) => [String(object.id), GIVEN + at]));
    const index = this.#givenById.get(id);
    return index === undefined || this.#removed.has(index) ? undefined : index;
  }

  /** Listed, but answered with 404 by id: deleted between the list and the read. */
  isGone(index: number): boolean {
    return this.#gone.has(index) || this.isHidden(index);
  }

  /** Made, and not known everywhere yet: neither listed nor found. */
  isHidden(index: number): boolean {
    return (this.#hiddenUntil.get(index) ?? 0) > Date.now();
  }

  /** @param until milliseconds, as of `Date.now` */
  hideUntil(id: string, until: number): void {
    const index = this.find(id);
    if (index !== undefined) this.#hiddenUntil.set(index, until);
  }

  showAll(): void {
    this.#hiddenUntil.clear();
  }

  idAt(index: number): string {
    return String(this.entityAt(index).props.id);
  }

  whole(index: number): GraphObject {
    const whole = wholeObject(this.entityAt(index), navigationsOf(this.spec, this.typeAt(index)));
    if (this.spec.key !== undefined) delete whole.id;
    return whole;
  }

  /** Every object that there ever was, removed ones too, children inline. */
  ever(): GraphObject[] {
    const made = Array.from({ length: this.#source?.size ?? 0 }, (_, index) => index);
    const given = this.#given.map((_, at) => GIVEN + at);
    return [...made, ...given].map((index) =>
      wholeObject(this.#original(index), navigationsOf(this.spec, this.typeAt(index))),
    );
  }

  revise(index: number, kind: keyof Revision): void {
    const revision = this.#revisions.get(index) ?? { changed: 0, touched: 0 };
    revision[kind]++;
    this.#revisions.set(index, revision);
  }

  remove(index: number): void {
    this.#removed.add(index);
  }

  hide(index: number): void {
    this.#gone.add(index);
  }

  /** One more object of the collection's own kind; given objects are copied under a new id. */
  addOne(random: Random): number {
    if (this.#source) {
      this.#source.grow(1);
      return this.#source.size - 1;
    }
    const [first = GIVEN] = this.indexes();
    const id = random.guid();
    const copy: GraphObject = { ...this.whole(first), id };
    for (const name of ["displayName", "name"]) {
      if (typeof copy[name] === "string") copy[name] = `${copy[name]} - ${id.slice(0, 4)}`;
    }
    return this.put(copy);
  }

  /** Adds a whole object, children inline; one with the same id is replaced. */
  put(object: GraphObject): number {
    const old = this.find(String(object.id));
    if (old !== undefined && old >= GIVEN) {
      this.#given[old - GIVEN] = object;
      return old;
    }
    if (old !== undefined) this.remove(old);
    this.#given.push(object);
    this.#givenById = undefined;
    return GIVEN + this.#given.length - 1;
  }

  reset(): void {
    this.#source?.shrink();
    this.#given = [...this.#initial];
    this.#givenById = undefined;
    this.#removed.clear();
    this.#gone.clear();
    this.#hiddenUntil.clear();
    this.#revisions.clear();
  }
}

/** How many objects are to drift; see {@link TenantStore.drift}. */
export interface DriftRequest {
  change?: number;
  touch?: number;
  add?: number;
  remove?: number;
  gone?: number;
  /** Only in this collection, as `deviceManagement/configurationPolicies`; else anywhere. */
  collection?: string;
  seed?: number;
}

interface ObjectReference {
  collection: string;
  id: string;
}

export type DriftResult = Record<"changed" | "touched" | "added" | "removed" | "gone", ObjectReference[]>;

/** Hears what drift does to an object of a collection. */
export type DriftWatch = (kind: keyof DriftResult, collection: string, object: GraphObject) => void;

/** Given objects, with the elements inside them that live in a collection of their own also there. */
function withLinked(given: ReadonlyMap<string, readonly GraphObject[]>): Map<string, GraphObject[]> {
  const all = new Map([...given].map(([path, objects]) => [path, [...objects]]));
  for (const spec of COLLECTIONS) {
    for (const { name, collection } of linksOf(spec)) {
      const there = all.get(collection) ?? [];
      const ids = new Set(there.map(({ id }) => id));
      for (const element of (given.get(spec.path) ?? []).flatMap((object) => objectsOf(object[name]))) {
        if (typeof element.id !== "string" || ids.has(element.id)) continue;
        ids.add(element.id);
        there.push(element);
      }
      if (there.length > 0) all.set(collection, there);
    }
  }
  return all;
}

/** All collections of one tenant. */
export class TenantStore {
  readonly #collections = new Map<string, CollectionStore>();
  #drifts = 0;
  /** Objects from files: served with all the types that their exporter kept, as Graph's full metadata has them. */
  readonly asGiven: boolean;

  constructor(sources: ReadonlyMap<string, Source>, given: ReadonlyMap<string, readonly GraphObject[]>) {
    const lookup: Lookup = (collection, id) => {
      const store = this.#collections.get(collection);
      const index = store?.find(id);
      if (!store || index === undefined) return undefined;
      const lists = Object.entries(store.spec.navigations).filter(([, { single }]) => !single);
      return wholeObject(store.entityAt(index), Object.fromEntries(lists));
    };
    this.asGiven = given.size > 0;
    const initial = withLinked(given);
    for (const spec of COLLECTIONS) {
      if (spec.viewOf !== undefined) continue;
      const store = new CollectionStore(spec, sources.get(spec.path), initial.get(spec.path) ?? [], lookup);
      this.#collections.set(spec.path, store);
    }
  }

  /** Adds a whole object, children inline; one with the same id is replaced. */
  put(spec: CollectionSpec, object: GraphObject): void {
    this.collection(spec).put(object);
    for (const { name, collection } of linksOf(baseOf(spec))) {
      for (const element of objectsOf(object[name])) this.#collections.get(collection)?.put(element);
    }
  }

  /** The store behind a collection or a typed view of one. */
  collection(spec: CollectionSpec): CollectionStore {
    const store = this.#collections.get(baseOf(spec).path);
    if (!store) throw new Error(`The sandbox has no collection ${spec.path}.`);
    return store;
  }

  collections(): CollectionStore[] {
    return [...this.#collections.values()];
  }

  /**
   * Lets time pass in the tenant. `change` alters objects as an administrator would, `touch` only their volatile
   * fields and the order of their assignments, `add` and `remove` do so, `gone` keeps objects in the lists but
   * answers 404 when they are read. Each object is met by one of them at most; objects that stand alone
   * (`/policies/…`) are only changed or touched. Groups, users and the like only when their collection is named.
   * @param watch hears of each object, as it was before
   */
  drift(request: DriftRequest, watch: DriftWatch = () => {}): DriftResult {
    this.#drifts++;
    const random = new Random("drift", request.seed ?? 0, this.#drifts);
    const wanted = request.collection?.toLowerCase();
    const stores = this.collections().filter(
      (store) =>
        store.count() > 0 &&
        (wanted === undefined ? !store.spec.namesOnly : store.spec.path.toLowerCase() === wanted),
    );
    const many = stores.filter((store) => store.spec.singleIn === undefined);
    const free = stores.flatMap((store) =>
      [...store.indexes()].filter((index) => !store.isGone(index)).map((index) => ({ store, index })),
    );
    const take = (eligible: ReadonlySet<CollectionStore>) => {
      const start = random.int(0, Math.max(0, free.length - 1));
      for (let step = 0; step < free.length; step++) {
        const at = (start + step) % free.length;
        const chosen = free[at];
        if (!chosen || !eligible.has(chosen.store)) continue;
        const last = free.pop();
        if (last && at < free.length) free[at] = last;
        return chosen;
      }
      return undefined;
    };
    const each = (
      count: number | undefined,
      from: CollectionStore[],
      kind: keyof DriftResult,
      act: (store: CollectionStore, index: number) => void,
    ) => {
      const eligible = new Set(from);
      const done: ObjectReference[] = [];
      for (let n = 0; n < (count ?? 0); n++) {
        const chosen = take(eligible);
        if (!chosen) break;
        done.push({ collection: chosen.store.spec.path, id: chosen.store.idAt(chosen.index) });
        watch(kind, chosen.store.spec.path, chosen.store.entityAt(chosen.index).props);
        act(chosen.store, chosen.index);
      }
      return done;
    };
    const changed = each(request.change, stores, "changed", (store, index) => store.revise(index, "changed"));
    const touched = each(request.touch, stores, "touched", (store, index) => store.revise(index, "touched"));
    const removed = each(request.remove, many, "removed", (store, index) => store.remove(index));
    const gone = each(request.gone, many, "gone", (store, index) => store.hide(index));
    const added: ObjectReference[] = [];
    for (let n = 0; n < (request.add ?? 0); n++) {
      const store = many[random.int(0, Math.max(0, many.length - 1))];
      if (!store) break;
      const index = store.addOne(random);
      added.push({ collection: store.spec.path, id: store.idAt(index) });
      watch("added", store.spec.path, store.entityAt(index).props);
    }
    return { changed, touched, added, removed, gone };
  }

  reset(): void {
    this.#drifts = 0;
    for (const store of this.#collections.values()) store.reset();
  }
}
