import type { ReferenceKind } from "#lib/policies/write/write-rule";
import type { Resolution, Resolve } from "./plan.ts";

/** An object that policies may refer to, as a tenant has it. */
export interface KnownObject {
  kind: ReferenceKind;
  id: string;
  name: string;
  /** What tells objects of one name apart, such as an app's type. */
  of?: string;
}

/** What a mapping is made from. */
export interface MappingInput {
  /** What the backup's policies referred to, as it was then. */
  source: readonly KnownObject[];
  /** What the tenant that is written to has now. */
  target: readonly KnownObject[];
  /** What people decided, by {@link decisionKey}: an id of the target, or to leave it out. */
  decisions?: ReadonlyMap<string, { id: string } | "left out">;
  /** What the same restore makes, by {@link decisionKey}: the new id, or null where it is still to come. */
  made?: ReadonlyMap<string, string | null>;
  /** The backup is another tenant's. */
  isForeign?: boolean;
}

export function decisionKey(kind: ReferenceKind, id: string): string {
  return `${kind} ${id}`;
}

/** Tenants number these by themselves: in another tenant an equal id says nothing. */
const numbered: ReadonlySet<ReferenceKind> = new Set(["scopeTag"]);
const numberedAbroad: ReadonlySet<ReferenceKind> = new Set(["scopeTag", "authenticationContext"]);
/** Nobody is mistaken for somebody else of the same name. */
const neverByName: ReadonlySet<ReferenceKind> = new Set(["user"]);

/**
 * Finds what a backup refers to in the tenant that is written to: as people decided, as the same restore makes it, by
 * id, else by name where exactly one object bears it. Users are never guessed.
 * @param input `source` and `target` of the same tenant, or of two
 */
export function mappingOf(input: MappingInput): Resolve {
  const { decisions = new Map(), made = new Map(), isForeign = false } = input;
  const source = byKey(input.source);
  const target = byKey(input.target);
  const byName = Map.groupBy(input.target, nameKey);
  return (kind, id): Resolution => {
    const key = decisionKey(kind, id);
    const decision = decisions.get(key);
    if (decision !== undefined) return decision;
    const created = made.get(key);
    if (created !== undefined) return created === null ? "pending" : { id: created };
    const known = source.get(key);
    const there = target.get(key);
    const isCounted = (isForeign ? numberedAbroad : numbered).has(kind);
    if (there && (!isCounted || (known ? nameKey(known) === nameKey(there) : !isForeign))) return { id };
    // Nobody here can ask Configuration Manager: what a tenant's backup says of its own collections is true.
    if (kind === "collection") return isForeign ? "unknown" : { id };
    if (!known || neverByName.has(kind)) return "unknown";
    const [one, ...others] = byName.get(nameKey(known)) ?? [];
    if (!one) return "unknown";
    return others.length === 0 ? { id: one.id } : "ambiguous";
  };
}

const kinds: Readonly<Record<string, readonly ReferenceKind[]>> = {
  assignmentFilter: ["assignmentFilter"],
  roleScopeTag: ["scopeTag"],
  notificationMessageTemplate: ["notificationTemplate"],
  deviceComplianceScript: ["complianceScript"],
  reusablePolicySetting: ["reusableSetting"],
  namedLocation: ["namedLocation"],
  authenticationStrengthPolicy: ["authenticationStrength"],
  authenticationContext: ["authenticationContext"],
  mobileApp: ["app", "policy"],
  mobileAppCategory: ["appCategory"],
  deviceConfiguration: ["deviceConfiguration", "policy"],
  windowsUpdateRing: ["deviceConfiguration", "policy"],
};

/** As what others may refer to an object of a catalog's type. */
export function kindsOf(typeKey: string): readonly ReferenceKind[] {
  return Object.hasOwn(kinds, typeKey) ? (kinds[typeKey] ?? []) : ["policy"];
}

/** Whether each tenant numbers the objects of a catalog's type by itself. */
export function isNumbered(typeKey: string): boolean {
  return kindsOf(typeKey).some((kind) => numbered.has(kind));
}

function byKey(objects: readonly KnownObject[]): Map<string, KnownObject> {
  return new Map(objects.map((one) => [decisionKey(one.kind, one.id), one]));
}

function nameKey({ kind, name, of }: KnownObject): string {
  return JSON.stringify([kind, name, of ?? ""]);
}
