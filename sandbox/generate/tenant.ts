import type { Entity } from "../entity.ts";
import { guid, hash32, permute, Random } from "../random.ts";
import type { Source } from "../store.ts";
import type { Group, Kind, Making, World } from "./kind.ts";
import { plan } from "./plan.ts";

interface Place {
  group: Group;
  kind: Kind;
  /** Among the objects of the group. */
  ordinal: number;
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The generated objects of one collection. Nothing is held: each is made from seed, collection and index. */
class GeneratedSource implements Source {
  readonly #seed: number;
  readonly #key: number;
  readonly #world: World;
  readonly #groups: { group: Group; count: number }[];
  readonly #initial: number;
  /** So many objects, at most, have ids that tell no index. */
  readonly #fixed: number;
  #size: number;
  #typed: ReadonlyMap<string, readonly number[]> | undefined;

  constructor(seed: number, collection: string, groups: { group: Group; count: number }[], world: World) {
    this.#seed = seed;
    this.#key = hash32(seed, collection);
    this.#world = world;
    this.#groups = groups;
    this.#initial = groups.reduce((sum, { count }) => sum + count, 0);
    this.#fixed = Math.max(...groups.map(({ group }) => group.fixedIds?.length ?? 0));
    this.#size = this.#initial;
  }

  get size(): number {
    return this.#size;
  }

  /** Without what was added later: references among objects must not move when the collection grows. */
  get initialSize(): number {
    return this.#initial;
  }

  /** By type the indexes of the first objects: enough to refer to. */
  get typed(): ReadonlyMap<string, readonly number[]> {
    this.#typed ??= Map.groupBy(
      Array.from({ length: this.#initial }, (_, index) => index),
      (index) => this.typeAt(index),
    );
    return this.#typed;
  }

  grow(count: number): void {
    this.#size += count;
  }

  shrink(): void {
    this.#size = this.#initial;
  }

  #place(index: number): Place {
    let ordinal = index;
    for (const { group, count } of this.#groups) {
      if (ordinal < count) return this.#placeIn(group, ordinal);
      ordinal -= count;
    }
    // Grown: the groups take turns, so that each kind of the collection can appear in a tenant that lives.
    const turn = this.#groups[ordinal % this.#groups.length] ?? this.#groups[0];
    if (!turn) throw new RangeError(`No object ${index}`);
    return this.#placeIn(turn.group, turn.count + Math.floor(ordinal / this.#groups.length));
  }

  #placeIn(group: Group, ordinal: number): Place {
    return { group, ordinal, kind: group.kinds[ordinal % group.kinds.length] ?? group.kinds[0] };
  }

  typeAt(index: number): string {
    return this.#place(index).kind.type;
  }

  idAt(index: number): string {
    const { group, kind, ordinal } = this.#place(index);
    const fixed = group.fixedIds?.[ordinal];
    if (fixed !== undefined) return fixed;
    if (group.numberedIds) return String(index);
    const rest = hash32(this.#key, index);
    const core = guid([permute(index, this.#key, "forth"), rest, hash32(rest), hash32(rest, index)]);
    return `${kind.idPrefix ?? ""}${core}${kind.idSuffix ?? ""}`;
  }

  indexOf(id: string): number | undefined {
    const candidates = [Number(/^\d{1,9}$/.test(id) ? id : -1)];
    for (let index = 0; index < Math.min(this.#size, this.#fixed); index++) candidates.push(index);
    const core = id.replace(/^[A-Za-z]+_/, "").replace(/_.*$/, "");
    if (GUID.test(core)) candidates.push(permute(Number.parseInt(core.slice(0, 8), 16), this.#key, "back"));
    return candidates.find((index) => index >= 0 && index < this.#size && this.idAt(index) === id);
  }

  entityAt(index: number): Entity {
    const { kind, ordinal } = this.#place(index);
    const making: Making = {
      id: this.idAt(index),
      ordinal,
      world: this.#world,
      random: (part) => new Random(this.#seed, this.#key, index, part),
    };
    return {
      props: { "@odata.type": `#microsoft.graph.${kind.type}`, id: making.id, ...kind.props(making) },
      navigation: (name) => kind.navigations?.[name]?.(making),
    };
  }
}

/**
 * The collections of a generated tenant. The same seed and count give the same tenant, on every machine.
 * @param policies how many policies of all types together; foundations come on top
 */
export function generateTenant(seed: number, policies: number): Map<string, Source> {
  const sources = new Map<string, GeneratedSource>();
  /** One in this many of the groups and users that policies name was deleted meanwhile. */
  const idOf = (collection: string, n: number, deleted: number) =>
    (n % deleted === deleted - 1 ? undefined : world.idIn(collection, n)) ??
    new Random(seed, collection, n).guid();
  const world: World = {
    groupId: (n) => idOf("groups", n, 13),
    userId: (n) => idOf("users", n, 11),
    appId: (n) => String(world.propsIn("servicePrincipals", n % world.countOf("servicePrincipals")).appId),
    idIn(collection, n) {
      const source = sources.get(collection);
      return source && source.initialSize > 0 ? source.idAt(n % source.initialSize) : undefined;
    },
    countOf: (collection) => sources.get(collection)?.initialSize ?? 0,
    oneOf(collection, passes, n) {
      const source = sources.get(collection);
      const fitting = [...(source?.typed ?? [])].filter(([type]) => passes(type)).flatMap(([, at]) => at);
      const index = fitting[n % fitting.length];
      return index === undefined ? undefined : source?.entityAt(index).props;
    },
    propsIn: (collection, n) => sources.get(collection)?.entityAt(n).props ?? {},
  };
  const byCollection = Map.groupBy(plan(policies), ({ group }) => group.collection);
  for (const [collection, groups] of byCollection) {
    sources.set(collection, new GeneratedSource(seed, collection, groups, world));
  }
  return sources;
}
