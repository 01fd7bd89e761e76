import { randomUUID } from "node:crypto";
import { type GraphObject, typeName } from "./json.ts";
import { Random } from "./random.ts";

/** Who did something in a tenant of the sandbox. */
export interface AuditActor {
  kind: "user" | "app";
  /** A user principal name, or an app's display name. */
  name: string;
  id: string;
}

type Operation = "create" | "update" | "delete";

/** What was done to one object, before it takes the shape of a log. */
export interface AuditRecord {
  id: string;
  /** Milliseconds since the epoch. */
  at: number;
  actor: AuditActor;
  operation: Operation;
  /** False: it was tried, and refused. */
  succeeded: boolean;
  /** Path of the object's collection. */
  collection: string;
  object: { id: string; name: string; type: string };
}

/** At most this many records of a tenant's trail are kept. */
const KEPT = 20_000;

/** What the administrators of one tenant did, oldest first: drift is their doing. */
export class AuditTrail {
  readonly #actors: readonly [AuditActor, ...AuditActor[]];
  #records: AuditRecord[] = [];
  #random: Random;
  readonly #seed: number;

  /** @param domain of the people's user principal names */
  constructor(seed: number, domain: string) {
    this.#seed = seed;
    this.#random = new Random("audit", seed);
    const id = (n: number) => new Random("actor", seed, n).guid();
    this.#actors = [
      { kind: "user", name: `marta.keller@${domain}`, id: id(0) },
      { kind: "user", name: `jonas.brandt@${domain}`, id: id(1) },
      { kind: "app", name: "Deployment pipeline", id: id(2) },
    ];
  }

  get records(): readonly AuditRecord[] {
    return this.#records;
  }

  /** Notes what one of the tenant's people or apps did. */
  note(
    operation: Operation,
    collection: string,
    object: GraphObject,
    options: { at?: number; succeeded?: boolean } = {},
  ): AuditRecord {
    const { at = Date.now(), succeeded = true } = options;
    const name = object.displayName ?? object.name;
    const record: AuditRecord = {
      // Never the same again, also after a restart: whoever keeps events tells them apart by it.
      id: randomUUID(),
      at,
      actor: this.#random.pick(this.#actors),
      operation,
      succeeded,
      collection,
      object: {
        id: String(object.id),
        name: typeof name === "string" ? name : "",
        type: typeName(object),
      },
    };
    this.#records.push(record);
    if (this.#records.length > KEPT) this.#records = this.#records.slice(-KEPT);
    return record;
  }

  reset(): void {
    this.#records = [];
    this.#random = new Random("audit", this.#seed);
  }
}
