import { randomUUID } from "node:crypto";
import type { Clock } from "./clock.ts";
import type { GraphConnection } from "./connection.ts";
import { type Budget, familyBudgets, type ThrottleFamily, throttleFamilies } from "./families.ts";

/** The right to send requests; give it back when their answer is there, whatever it is. */
export interface Permit {
  /** Only this many are sent after all. */
  reduceTo(cost: number): void;
  release(): void;
}

interface Waiter {
  cost: number;
  grant(permit: Permit): void;
}

const SMALLEST_SHARE = 0.05;
const SHRINK = 0.75;
/** What a good answer gives back of the share: after 250 a halved budget is whole again. */
const RECOVERY = 1 / 500;
/** What a throttled answer among good ones takes: the share stays whole while less than half is throttled. */
const SLOWING = RECOVERY;
/** Such answers never take more than half. */
const SLOWEST = 0.5;
/** How many answers "lately" reaches back, about: three full batches, so that chance alone rarely decides. */
const LATELY = 60;
/** How long a turn is where processes send in turn, in windows of the budget: of these, one and a quarter are lost. */
const TURN_WINDOWS = 6;
/** With fewer good answers than this lately, the family is over its budget. */
const MOSTLY_REFUSED = 0.4;

/**
 * Keeps one (tenant, family) within this process's part of Graph's budget, and slows the whole family when Graph asks
 * for it.
 *
 * A sliding window, not a token bucket: Graph lets a full budget through at once, so that a burst costs no time.
 * A request counts until one window after its *answer*: Graph counted it before, whatever the latency.
 * When Graph refuses most of what is sent, the family is over its budget: it pauses (Retry-After, else growing) and
 * its share of the budget shrinks by a quarter. When single requests are throttled while most others pass, stopping
 * them all would only lose time: the family slows a little with each, and who was throttled waits alone. Good
 * answers let the share grow again. Waiters are served in order, and each wait can be aborted.
 */
export class FamilyLimiter {
  readonly #granted: Budget;
  readonly #clock: Clock;
  #budget: Budget;
  #turns: { processes: number; place: number; clockOffset: number } | null = null;
  readonly #waiters: Waiter[] = [];
  readonly #spent: { until: number; cost: number }[] = [];
  #spentCost = 0;
  #inFlight = 0;
  #share: number;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #throttledInARow = 0;
  /** Share of good answers lately: a mean at first, then a moving one. */
  #goodLately = 0;
  #answers = 0;
  #alarm: AbortController | null = null;

  constructor(budget: Budget, clock: Clock) {
    this.#granted = budget;
    this.#budget = budget;
    this.#clock = clock;
    this.#share = budget.startShare ?? 1;
  }

  /**
   * From now on the budget is shared by some processes, this one included. Each sends its part of a window's requests;
   * where there are not as many requests as processes, they send in turn.
   * @param place which of them this one is, from 0
   * @param clockOffset what to add to this process's clock for one that all of them have, in milliseconds
   */
  shareWith(processes: number, place: number, clockOffset: number): void {
    const part = Math.floor(this.#granted.requests / processes);
    this.#budget = { ...this.#granted, requests: part || this.#granted.requests };
    this.#turns = part > 0 ? null : { processes, place, clockOffset };
    this.#serve();
  }

  /** The most requests that are ever granted at once. */
  get largestCost(): number {
    return this.#budget.requests;
  }

  /** How many throttled answers came without a good one between them. */
  get throttledInARow(): number {
    return this.#throttledInARow;
  }

  /** Nothing is waiting, running or remembered. */
  get idle(): boolean {
    this.#forget(this.#clock.now());
    return (
      this.#waiters.length === 0 &&
      this.#inFlight === 0 &&
      this.#spent.length === 0 &&
      this.#share >= (this.#budget.startShare ?? 1)
    );
  }

  /** Waits until `cost` requests may be sent. Rejects with the signal's reason when it is aborted. */
  acquire(cost: number, signal: AbortSignal): Promise<Permit> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        const index = this.#waiters.indexOf(waiter);
        if (index >= 0) this.#waiters.splice(index, 1);
        reject(signal.reason);
        this.#serve();
      };
      const waiter: Waiter = {
        cost: Math.min(cost, this.largestCost),
        grant(permit) {
          signal.removeEventListener("abort", onAbort);
          resolve(permit);
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.push(waiter);
      this.#serve();
    });
  }

  /**
   * Graph throttled one request, which itself has to wait `pauseMs`. Slows the family, or pauses it for as long;
   * the answers to one burst shrink the share once.
   */
  throttled(pauseMs: number): void {
    const now = this.#clock.now();
    this.#note(0);
    // A budget of one request has no others that could pass.
    if (this.#goodLately >= MOSTLY_REFUSED && this.#budget.requests > 1) {
      this.#share = Math.min(this.#share, Math.max(SLOWEST, this.#share - SLOWING));
      return;
    }
    if (now >= this.#pausedUntil) {
      this.#share = Math.max(SMALLEST_SHARE, this.#share * SHRINK);
      this.#throttledInARow += 1;
    }
    this.#pausedUntil = Math.max(this.#pausedUntil, now + pauseMs);
    this.#serve();
  }

  /** Graph answered, if only with a refusal: it is not throttling now. */
  answered(): void {
    this.#throttledInARow = 0;
  }

  /** Graph answered `count` requests without throttling. */
  succeeded(count: number): void {
    this.answered();
    for (let n = 0; n < Math.min(count, LATELY); n++) this.#note(1);
    if (this.#share === 1) return;
    this.#share = Math.min(
      1,
      this.#share + Math.max(RECOVERY * count, this.#budget.requests === 1 ? 0.05 : 0),
    );
    this.#serve();
  }

  #note(good: 0 | 1): void {
    this.#answers = Math.min(LATELY, this.#answers + 1);
    this.#goodLately += (good - this.#goodLately) / this.#answers;
  }

  #serve(): void {
    this.#alarm?.abort();
    this.#alarm = null;
    for (;;) {
      const next = this.#waiters[0];
      if (!next) return;
      const wait = this.#waitFor(next.cost);
      if (wait > 0) {
        if (Number.isFinite(wait)) this.#wakeAfter(wait);
        return;
      }
      this.#waiters.shift();
      this.#inFlight += next.cost;
      next.grant(this.#permit(next.cost));
    }
  }

  #permit(granted: number): Permit {
    let cost = granted;
    let released = false;
    return {
      reduceTo: (used) => {
        if (released || used >= cost) return;
        this.#inFlight -= cost - used;
        cost = used;
        this.#serve();
      },
      release: () => {
        if (released) return;
        released = true;
        this.#inFlight -= cost;
        if (cost === 0) return this.#serve();
        this.#spent.push({ until: this.#clock.now() + this.#windowMs(), cost });
        this.#spentCost += cost;
        this.#serve();
      },
    };
  }

  #capacity(): number {
    return Math.max(1, Math.floor(this.#budget.requests * this.#share));
  }

  /** A budget of one request cannot shrink; its window grows instead. */
  #windowMs(): number {
    return this.#budget.windowMs * Math.max(1, 1 / (this.#budget.requests * this.#share));
  }

  /** Milliseconds until `cost` requests fit; Infinity when only an answer can make room. */
  #waitFor(cost: number): number {
    const now = this.#clock.now();
    if (this.#pausedUntil > now) return this.#pausedUntil - now;
    const turn = this.#untilTurn(now);
    if (turn > 0) return turn;
    this.#forget(now);
    const wanted = Math.min(cost, this.#capacity());
    let excess = this.#inFlight + this.#spentCost + wanted - this.#capacity();
    if (excess <= 0) return 0;
    for (const { until, cost: freed } of this.#spent) {
      excess -= freed;
      if (excess <= 0) return Math.max(1, until - now);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** A turn begins one window late, for what the one before sent last, and ends a little early, for clocks that differ. */
  #untilTurn(now: number): number {
    if (!this.#turns) return 0;
    const { processes, place, clockOffset } = this.#turns;
    const { windowMs } = this.#granted;
    const turn = TURN_WINDOWS * windowMs;
    const round = turn * processes;
    const since = (((now + clockOffset - place * turn - windowMs) % round) + round) % round;
    return since < turn - 1.25 * windowMs ? 0 : Math.ceil(round - since);
  }

  #forget(now: number): void {
    let count = 0;
    for (const { until, cost } of this.#spent) {
      if (until > now) break;
      this.#spentCost -= cost;
      count += 1;
    }
    if (count > 0) this.#spent.splice(0, count);
  }

  #wakeAfter(ms: number): void {
    const alarm = new AbortController();
    this.#alarm = alarm;
    this.#clock.sleep(ms, alarm.signal).then(
      () => {
        if (this.#alarm === alarm) this.#serve();
      },
      () => undefined,
    );
  }
}

/** Which tenant's Graph, as limiters tell them apart. */
type GraphTenant = Pick<GraphConnection, "graphUrl" | "entraTenantId">;

/** The processes that have runs against a tenant at some moment, in the same order for all of them. */
export interface Sharers {
  processes: readonly string[];
  /** When that was by a clock that all of them share, in milliseconds. */
  at: number;
}

/**
 * The limiters of a process. All its runs against one tenant share them; and it shares the tenant's budget with the other
 * processes that have runs against it.
 */
export class LimiterRegistry {
  /** What the process is called among those that work on a tenant. */
  readonly process: string = randomUUID();
  readonly #clock: Clock;
  readonly #budgets: Readonly<Record<ThrottleFamily, Budget>>;
  readonly #limiters = new Map<string, FamilyLimiter>();
  /** By tenant, what makes a limiter's part of the budget, and for how many runs of this process. */
  readonly #sharing = new Map<string, { runs: number; divide: (limiter: FamilyLimiter) => void }>();

  /** @param budgets others than Graph's, to measure without them */
  constructor(clock: Clock, budgets: Readonly<Record<ThrottleFamily, Budget>> = familyBudgets) {
    this.#clock = clock;
    this.#budgets = budgets;
  }

  /** The limiter of a tenant's family; made when it is asked for first. */
  limiterOf(connection: GraphTenant, family: ThrottleFamily): FamilyLimiter {
    const tenant = keyOf(connection);
    const key = `${tenant} ${family}`;
    let limiter = this.#limiters.get(key);
    if (!limiter) {
      if (this.#limiters.size >= 1_000) this.#dropIdle();
      limiter = new FamilyLimiter(this.#budgets[family], this.#clock);
      this.#limiters.set(key, limiter);
      this.#sharing.get(tenant)?.divide(limiter);
    }
    return limiter;
  }

  /** A run of this process begins to use a tenant's Graph. */
  join(connection: GraphTenant, sharers: Sharers): void {
    const tenant = keyOf(connection);
    const runs = (this.#sharing.get(tenant)?.runs ?? 0) + 1;
    this.#sharing.set(tenant, { runs, divide: () => undefined });
    this.share(connection, sharers);
  }

  /** Who shares the tenant's budget now, as a run that has joined learned it. */
  share(connection: GraphTenant, { processes, at }: Sharers): void {
    const tenant = keyOf(connection);
    const sharing = this.#sharing.get(tenant);
    if (!sharing) return;
    const place = Math.max(0, processes.indexOf(this.process));
    const clockOffset = at - this.#clock.now();
    sharing.divide = (limiter) => limiter.shareWith(Math.max(1, processes.length), place, clockOffset);
    this.#divide(tenant, sharing.divide);
  }

  /** A run that joined has ended. */
  leave(connection: GraphTenant): void {
    const tenant = keyOf(connection);
    const sharing = this.#sharing.get(tenant);
    if (!sharing) return;
    sharing.runs -= 1;
    if (sharing.runs > 0) return;
    this.#sharing.delete(tenant);
    this.#divide(tenant, (limiter) => limiter.shareWith(1, 0, 0));
  }

  #divide(tenant: string, divide: (limiter: FamilyLimiter) => void): void {
    for (const family of throttleFamilies) {
      const limiter = this.#limiters.get(`${tenant} ${family}`);
      if (limiter) divide(limiter);
    }
  }

  #dropIdle(): void {
    for (const [key, limiter] of this.#limiters) if (limiter.idle) this.#limiters.delete(key);
  }
}

function keyOf({ graphUrl, entraTenantId }: GraphTenant): string {
  return `${graphUrl} ${entraTenantId.toLowerCase()}`;
}
