import { setTimeout as delay } from "node:timers/promises";
import { type FaultAction, type FaultRule, faultRuleSchema } from "./fault-rule.ts";
import { Random } from "./random.ts";
import type { RequestRecord } from "./request-log.ts";
import type { Phase } from "./resource-path.ts";

/** A fault that was set. */
export interface Fault {
  readonly id: string;
  readonly rule: FaultRule;
  /** How many requests matched, whether or not it applied. */
  readonly matched: number;
  /** How often it applied. */
  readonly applied: number;
  remove(): void;
}

/** A glob over `/`-separated segments as a regular expression. */
function pathPattern(glob: string): RegExp {
  const source = glob
    .replace(/^\//, "")
    .split("/")
    .map((segment) =>
      segment === "**" ? ".*" : segment.replace(/[.+^${}()|[\]\\?]/g, "\\$&").replaceAll("*", "[^/]*"),
    )
    .join("/");
  return new RegExp(`^${source}$`, "i");
}

type Subject = Pick<RequestRecord, "tenant" | "phase" | "family" | "path" | "via"> & {
  /** Decoded, without `?`; none at the token endpoint and of a whole batch. */
  query?: string;
  /** POST where it is not said: of a whole batch, and at the token endpoint. */
  method?: string;
};

const RESOURCES: readonly Phase[] = ["list", "page", "item", "child", "other"];
const COLLECTIONS: readonly Phase[] = ["list", "page", "child"];
/** Actions that make sense in some phases only; in others they do not match. */
const PHASES_OF: Partial<Record<FaultAction["kind"], readonly Phase[]>> = {
  secretExpired: ["token"],
  permissionRevoked: RESOURCES,
  forbiddenAs401: RESOURCES,
  foreignNextLink: COLLECTIONS,
  nextLinkLoop: COLLECTIONS,
  dropItems: COLLECTIONS,
};

/** How late an answer is, in milliseconds, for as long as the fault that says so is set. */
interface Lateness {
  ms: number;
  removed: AbortSignal;
}

/**
 * Waits as long as faults say, one after the other; of one that is removed meanwhile no longer.
 * @param signal of the caller, who may give up
 * @throws Error when the caller has given up
 */
export async function beLate(latenesses: readonly Lateness[], signal: AbortSignal): Promise<void> {
  for (const { ms, removed } of latenesses) {
    await delay(ms, undefined, { signal: AbortSignal.any([signal, removed]) }).catch((error: unknown) => {
      if (signal.aborted) throw error;
    });
  }
}

class ActiveFault implements Fault {
  readonly id: string;
  readonly rule: FaultRule;
  readonly #remove: () => void;
  readonly #pattern: RegExp | undefined;
  readonly #random: Random;
  readonly #removed = new AbortController();
  matched = 0;
  applied = 0;

  constructor(id: string, rule: FaultRule, remove: () => void) {
    this.id = id;
    this.rule = rule;
    this.#remove = remove;
    this.#pattern = rule.path === undefined ? undefined : pathPattern(rule.path);
    this.#random = new Random("fault", rule.seed ?? 0);
  }

  remove(): void {
    this.#remove();
  }

  get removed(): AbortSignal {
    return this.#removed.signal;
  }

  /** Lets go what waits because of it. */
  end(): void {
    this.#removed.abort();
  }

  /** Whether the fault applies to this request; counts it. */
  meets(subject: Subject): boolean {
    const { tenant, phase, family, via, query, method, nth, probability, count } = this.rule;
    if (!(PHASES_OF[this.rule.action.kind]?.includes(subject.phase) ?? true)) return false;
    if (tenant !== undefined && tenant.toLowerCase() !== subject.tenant) return false;
    if (phase !== undefined && !phase.some((one) => one === subject.phase)) return false;
    if (family !== undefined && family !== subject.family) return false;
    if (via !== undefined && via !== subject.via) return false;
    if (method !== undefined && method !== (subject.method ?? "POST")) return false;
    if (query !== undefined && !subject.query?.includes(query)) return false;
    if (this.#pattern && !this.#pattern.test(subject.path)) return false;
    this.matched++;
    if (nth !== undefined && this.matched !== nth) return false;
    if (probability !== undefined && !this.#random.chance(probability)) return false;
    if (count !== undefined && this.applied >= count) return false;
    this.applied++;
    return true;
  }

  toJSON(): object {
    return { id: this.id, rule: this.rule, matched: this.matched, applied: this.applied };
  }
}

/** The faults that are set. */
export class Faults {
  #faults: ActiveFault[] = [];
  #next = 1;

  /** @throws ZodError when the rule is not well formed */
  add(given: FaultRule): Fault {
    const rule = faultRuleSchema.parse(given);
    const id = `fault-${this.#next++}`;
    const fault = new ActiveFault(id, rule, () => this.remove(id));
    this.#faults.push(fault);
    return fault;
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  /** False when there is none with this id. */
  remove(id: string): boolean {
    const fault = this.#faults.find((each) => each.id === id);
    this.#faults = this.#faults.filter((each) => each !== fault);
    fault?.end();
    return fault !== undefined;
  }

  clear(): void {
    const all = this.#faults;
    this.#faults = [];
    for (const fault of all) fault.end();
  }

  /** What applies to a request: latencies add up, of all others the first rule that was set wins. */
  meet(subject: Subject): { late: readonly Lateness[]; action: FaultAction | undefined } {
    const late: Lateness[] = [];
    let action: FaultAction | undefined;
    for (const fault of this.#faults) {
      if (fault.rule.action.kind === "latency") {
        if (fault.meets(subject)) late.push({ ms: fault.rule.action.ms, removed: fault.removed });
      } else if (action === undefined && fault.meets(subject)) {
        action = fault.rule.action;
      }
    }
    return { late, action };
  }
}
