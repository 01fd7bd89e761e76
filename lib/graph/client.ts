import { randomUUID } from "node:crypto";
import { observeGraphRequest, observeGraphWait } from "#lib/metrics";
import { Semaphore } from "#lib/semaphore";
import { traced } from "#lib/tracing";
import { BATCH_SIZE, type BatchPart, batchBody, batchParts, language } from "./batch.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { GraphConnection } from "./connection.ts";
import { errorOfAnswer, GraphError } from "./errors.ts";
import { familyOf, type ThrottleFamily } from "./families.ts";
import { type Answer, exchange } from "./http.ts";
import { type FamilyLimiter, LimiterRegistry, type Permit } from "./limiter.ts";
import { addressOfLink, type GraphAddress, type GraphVersion, templateOf } from "./links.ts";
import {
  type Attempts,
  backoff,
  defaultRetryPolicy,
  mayRetry,
  noAttempts,
  type RetryPolicy,
} from "./retry.ts";
import { asContent, asEntity, asEntityOrNone, asPage, type GraphObject, type GraphPage } from "./shape.ts";
import { type AccessToken, createTokenSource } from "./token.ts";

/**
 * Reads one tenant's Graph. Every method throws GraphError when the bounded attempts are spent, or the client
 * signal's reason when it is aborted; none waits without end. After AUTH_CONFIG or TOKEN_EXPIRED every further
 * call fails at once.
 * Paths have no version and no leading slash; ids in them must be encoded.
 */
export interface GraphClient {
  /** The tenant's id in Entra, which is its organization's id in Graph. */
  readonly organizationId: string;
  /** The application permissions of the token. */
  roles(): Promise<string[]>;
  /** One object, in a request of its own. */
  get(path: string, version: GraphVersion): Promise<GraphObject>;
  /** A collection page by page, each in a request of its own. */
  pages(path: string, version: GraphVersion): AsyncIterable<GraphPage>;
  /** The first page of a directory `$search`, with the header that Graph demands for it. */
  search(path: string, version: GraphVersion): Promise<GraphPage>;
  /** One object; calls made at about the same time travel in one `$batch`. */
  entity(path: string, version: GraphVersion): Promise<GraphObject>;
  /** As `entity`; null where there is none: Graph answers 404, 204 or a null value. */
  entityOrNone(path: string, version: GraphVersion): Promise<GraphObject | null>;
  /** The content of a stream such as an image, as base64; null where there is none. Travels in `$batch`. */
  contentOrNone(path: string, version: GraphVersion): Promise<string | null>;
  /** A whole collection, all its pages; travels in `$batch` as `entity` does. */
  collection(path: string, version: GraphVersion): Promise<GraphObject[]>;
  /** What an `@odata.nextLink` inside an object leads to, all its pages. */
  rest(link: string): Promise<GraphObject[]>;
}

/** What can be set apart from the connection; defaults are for production, tests use tiny ones. */
export interface GraphTuning {
  clock: Clock;
  random: () => number;
  limiters: LimiterRegistry;
  retry: RetryPolicy;
  /** For one request with its answer. */
  requestTimeoutMs: number;
  maxBodyBytes: number;
  maxPages: number;
  /** Requests under way at once. */
  maxConcurrentRequests: number;
  /** How long a part waits for others before its batch is sent although not full. */
  batchLingerMs: number;
}

const GATHER_MS = 250;

/** Shared by all clients of this process. */
export const processLimiters = new LimiterRegistry(systemClock);

const defaultTuning: GraphTuning = {
  clock: systemClock,
  random: Math.random,
  limiters: processLimiters,
  retry: defaultRetryPolicy,
  requestTimeoutMs: 60_000,
  maxBodyBytes: 64 * 2 ** 20,
  maxPages: 10_000,
  maxConcurrentRequests: 8,
  batchLingerMs: 5,
};

/** One thing to fetch, however often it must be tried. */
interface Order<T> {
  address: GraphAddress;
  /** The path to speak of in messages. */
  what: string;
  /** What fails together: the path, apart with and without an expansion, since Graph may serve only the one. */
  kind: string;
  family: ThrottleFamily;
  attempts: Attempts;
  orderedAt: number;
  /** The directory searches only those who take its index as it is. */
  isSearch?: true;
  read(body: unknown): T;
}

interface PendingPart extends Order<unknown> {
  /** How often whole batches with this part failed; the part's own `attempts` count what it was answered itself. */
  batchAttempts: Attempts;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Whose failure it is: by default the order's own. */
interface FailureOf {
  attempts: Attempts;
  /** The limiter knows of it: a refused batch is one answer, not one a part. */
  counted: boolean;
}

interface BatchQueue {
  version: GraphVersion;
  family: ThrottleFamily;
  parts: PendingPart[];
  lingering: boolean;
  sending: boolean;
}

/** A family as this client uses it. */
interface Lane {
  limiter: FamilyLimiter;
  /** Aborted with the client, or when the family is given up: ends the waits for the limiter. */
  signal: AbortSignal;
  close(error: GraphError): void;
}

/** A client for one tenant; aborting the signal ends every request and wait of it. */
export function createGraphClient(
  connection: GraphConnection,
  options: { signal: AbortSignal; tuning?: Partial<GraphTuning> },
): GraphClient {
  return new Client(connection, options.signal, { ...defaultTuning, ...options.tuning });
}

class Client implements GraphClient {
  readonly #connection: GraphConnection;
  readonly #signal: AbortSignal;
  readonly #tuning: GraphTuning;
  readonly #tokens;
  readonly #lanes = new Map<ThrottleFamily, Lane>();
  readonly #queues = new Map<string, BatchQueue>();
  readonly #succeededAt = new Map<string, number>();
  /** Families and addresses that were given up: the rest of their orders fails without being sent. */
  readonly #closed = new Map<string, GraphError>();
  #fatal: GraphError | null = null;
  readonly #underWay: Semaphore;

  constructor(connection: GraphConnection, signal: AbortSignal, tuning: GraphTuning) {
    this.#connection = connection;
    this.#signal = signal;
    this.#tuning = tuning;
    this.#underWay = new Semaphore(tuning.maxConcurrentRequests);
    this.#tokens = createTokenSource(connection, {
      signal,
      clock: tuning.clock,
      random: tuning.random,
      retry: tuning.retry,
      timeoutMs: tuning.requestTimeoutMs,
    });
  }

  get organizationId(): string {
    return this.#connection.entraTenantId;
  }

  async roles(): Promise<string[]> {
    return (await this.#token()).roles;
  }

  get(path: string, version: GraphVersion): Promise<GraphObject> {
    return this.#single(this.#order({ path, version }, asEntity));
  }

  async *pages(path: string, version: GraphVersion): AsyncGenerator<GraphPage> {
    yield* this.#walk({ path, version }, (order) => this.#single(order));
  }

  search(path: string, version: GraphVersion): Promise<GraphPage> {
    return this.#single({ ...this.#order({ path, version }, asPage), isSearch: true });
  }

  entity(path: string, version: GraphVersion): Promise<GraphObject> {
    return this.#batched(this.#order({ path, version }, asEntity));
  }

  entityOrNone(path: string, version: GraphVersion): Promise<GraphObject | null> {
    return this.#orNone(this.#order({ path, version }, asEntityOrNone));
  }

  contentOrNone(path: string, version: GraphVersion): Promise<string | null> {
    return this.#orNone(this.#order({ path, version }, asContent));
  }

  async #orNone<T>(order: Order<T | null>): Promise<T | null> {
    try {
      return await this.#batched(order);
    } catch (error) {
      if (error instanceof GraphError && error.status === 404) return null;
      throw error;
    }
  }

  collection(path: string, version: GraphVersion): Promise<GraphObject[]> {
    return this.#whole({ path, version });
  }

  async rest(link: string): Promise<GraphObject[]> {
    return this.#whole(addressOfLink(link, this.#connection.graphUrl, "the object's children"));
  }

  async #whole(address: GraphAddress): Promise<GraphObject[]> {
    const all: GraphObject[] = [];
    for await (const page of this.#walk(address, (order) => this.#batched(order))) {
      for (const item of page.value) all.push(item);
    }
    return all;
  }

  async *#walk(
    start: GraphAddress,
    fetchPage: (order: Order<GraphPage>) => Promise<GraphPage>,
  ): AsyncGenerator<GraphPage> {
    const what = templateOf(start.path);
    const visited = new Set<string>();
    let address = start;
    for (;;) {
      const page = await fetchPage(this.#order(address, asPage, what));
      yield page;
      if (page.nextLink === null) return;
      visited.add(`${address.version}/${address.path}`);
      address = addressOfLink(page.nextLink, this.#connection.graphUrl, what);
      if (visited.has(`${address.version}/${address.path}`)) {
        throw new GraphError("INCOMPLETE_CAPTURE", `Graph's pages of ${what} go on in a loop.`);
      }
      if (visited.size >= this.#tuning.maxPages) {
        throw new GraphError(
          "INCOMPLETE_CAPTURE",
          `Graph's list of ${what} has more than ${this.#tuning.maxPages} pages; the rest was not read.`,
        );
      }
    }
  }

  #order<T>(address: GraphAddress, read: (body: unknown, what: string) => T, what?: string): Order<T> {
    const named = what ?? templateOf(address.path);
    return {
      address,
      what: named,
      kind: /[?&]\$expand=/.test(address.path) ? `${named}?$expand` : named,
      family: familyOf(address.path),
      attempts: noAttempts(),
      orderedAt: this.#tuning.clock.now(),
      read: (body) => read(body, named),
    };
  }

  /** Sends the order in a request of its own, as often as the policy allows. */
  async #single<T>(order: Order<T>): Promise<T> {
    const { address } = order;
    for (;;) {
      this.#refuseClosed(order);
      const token = await this.#token();
      const permit = await this.#permit(order.family, 1);
      let verdict: Promise<number>;
      try {
        const answer = await this.#exchange(`${address.version}/${address.path}`, order, token);
        const result = this.#judge(order, answer);
        this.#noteSuccess(order);
        return result;
      } catch (error) {
        if (!(error instanceof GraphError)) throw error;
        // Before the permit is released: a throttled family must pause before the next of it is let go.
        verdict = this.#nextAttempt(order, error, token);
      } finally {
        permit.release();
      }
      await this.#pause(order.family, await verdict);
    }
  }

  #batched<T>(order: Order<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#enqueue({
        ...order,
        batchAttempts: noAttempts(),
        resolve: resolve as (value: unknown) => void,
        reject,
      });
    });
  }

  #enqueue(part: PendingPart): void {
    const { version } = part.address;
    const key = `${version} ${part.family}`;
    let queue = this.#queues.get(key);
    if (!queue) {
      queue = { version, family: part.family, parts: [], lingering: false, sending: false };
      this.#queues.set(key, queue);
    }
    queue.parts.push(part);
    this.#schedule(queue);
  }

  /** Full batches leave at once; a part-filled one when nothing filled it within a moment. */
  #schedule(queue: BatchQueue): void {
    if (queue.parts.length === 0 || queue.sending) return;
    if (queue.parts.length >= BATCH_SIZE) {
      void this.#drain(queue);
      return;
    }
    if (queue.lingering) return;
    queue.lingering = true;
    this.#tuning.clock.sleep(this.#tuning.batchLingerMs, this.#signal).then(
      () => {
        queue.lingering = false;
        void this.#drain(queue);
      },
      (reason) => {
        queue.lingering = false;
        for (const part of queue.parts.splice(0)) part.reject(reason);
      },
    );
  }

  /** Takes parts only once the limiter and a free place allow a batch, so that late parts still fill it. */
  async #drain(queue: BatchQueue): Promise<void> {
    if (queue.sending) return;
    queue.sending = true;
    const lane = this.#lane(queue.family);
    const size = Math.min(BATCH_SIZE, lane.limiter.largestCost);
    try {
      do {
        await this.#underWay.acquire();
        let permit: Permit;
        try {
          permit = await this.#permit(queue.family, size);
        } catch (error) {
          this.#underWay.release();
          throw error;
        }
        const parts = queue.parts.splice(0, size);
        permit.reduceTo(parts.length);
        void this.#sendBatch(queue, parts, permit).finally(() => {
          permit.release();
          this.#underWay.release();
        });
      } while (queue.parts.length >= size);
    } catch (error) {
      for (const part of queue.parts.splice(0)) part.reject(error);
    } finally {
      queue.sending = false;
      this.#schedule(queue);
    }
  }

  async #sendBatch(
    { version, family }: Pick<BatchQueue, "version" | "family">,
    parts: PendingPart[],
    permit: Permit,
  ): Promise<void> {
    const open = parts.filter((part) => !this.#rejectIfClosed(part));
    if (open.length === 0) return;
    let token: AccessToken;
    try {
      token = await this.#token();
    } catch (error) {
      for (const part of open) part.reject(error);
      return;
    }
    let answers: (BatchPart | undefined)[];
    try {
      const urls = open.map(({ address }) => `/${address.path}`);
      const answer = await this.#exchange(
        `${version}/$batch`,
        { family, what: `a batch of ${open.length}` },
        token,
        batchBody(urls),
      );
      if (answer.status < 200 || answer.status > 299) {
        throw errorOfAnswer(answer.status, answer.headers, answer.body, "a batch", Date.now());
      }
      const judged = batchParts(answer.body, open.length);
      if (!judged) {
        throw new GraphError("GRAPH_UNAVAILABLE", "Graph's answer to a batch is no batch answer.", {
          retryable: true,
        });
      }
      answers = judged;
    } catch (error) {
      // Together the answers are too large for one; each on its own may not be.
      if (error instanceof GraphError && error.tooLarge && open.length > 1) {
        permit.release();
        for (const part of open) await this.#single(part).then(part.resolve, part.reject);
        return;
      }
      // Refused as a whole, it was one request to Graph.
      if (error instanceof GraphError && error.code === "GRAPH_THROTTLE") permit.reduceTo(1);
      open.forEach((part, index) => {
        const batch = { attempts: part.batchAttempts, counted: index > 0 };
        void this.#retryPart(part, error, token, batch);
      });
      return;
    }
    open.forEach((part, index) => {
      const answer = answers[index];
      try {
        if (!answer) {
          throw new GraphError("GRAPH_UNAVAILABLE", `Graph left ${part.what} out of a batch answer.`, {
            retryable: true,
          });
        }
        const result = this.#judge(part, answer);
        this.#noteSuccess(part);
        part.resolve(result);
      } catch (error) {
        void this.#retryPart(part, error, token);
      }
    });
  }

  async #retryPart(part: PendingPart, error: unknown, token: AccessToken, as?: FailureOf): Promise<void> {
    try {
      if (!(error instanceof GraphError)) throw error;
      const pauseMs = await this.#nextAttempt(part, error, token, as);
      if (pauseMs > 0) await this.#pause(part.family, this.#gathered(pauseMs));
      this.#enqueue(part);
    } catch (final) {
      part.reject(final);
    }
  }

  /** A little longer than `pauseMs`: parts that failed at about the same time come back together, and fill batches. */
  #gathered(pauseMs: number): number {
    const now = this.#tuning.clock.now();
    return Math.ceil((now + pauseMs) / GATHER_MS) * GATHER_MS - now;
  }

  /**
   * What to do about a failed attempt. Up to its first await it has already slowed or paused a throttled family.
   * @returns how long this order alone must pause, in milliseconds
   * @throws the failure, when no further attempt is allowed
   */
  async #nextAttempt(
    order: Order<unknown>,
    failure: GraphError,
    token: AccessToken,
    { attempts, counted }: FailureOf = { attempts: order.attempts, counted: false },
  ): Promise<number> {
    const { retry, random } = this.#tuning;
    const { limiter } = this.#lane(order.family);
    if (failure.code === "TOKEN_EXPIRED" && order.attempts.renewals === 0) {
      order.attempts.renewals = 1;
      await this.#guarded(() => this.#tokens.renew(token));
      return 0;
    }
    if (failure.fatal) {
      this.#stop(failure);
      throw failure;
    }
    const again = mayRetry(attempts, failure, retry);
    if (failure.code === "GRAPH_THROTTLE") {
      const asked = failure.retryAfterMs;
      const step = Math.max(limiter.throttledInARow, attempts.throttled - 1);
      const grown = backoff(step, retry.throttleBaseMs, retry.throttleCapMs, random);
      const pauseMs = Math.min(asked || grown, retry.throttleTotalMs);
      if (!counted) limiter.throttled(pauseMs);
      if (again) return pauseMs;
      if (this.#silentSince(order, order.family)) this.#closeFamily(order.family, failure);
      if (this.#silentSince(order, order.kind)) this.#closed.set(order.kind, failure);
      throw failure;
    }
    if (again) {
      const step = attempts.outages - 1;
      return failure.retryAfterMs || backoff(step, retry.outageBaseMs, retry.outageCapMs, random);
    }
    if (failure.retryable) {
      if (this.#silentSince(order, order.kind)) this.#closed.set(order.kind, failure);
    } else if (failure.status !== null) {
      limiter.answered();
    }
    throw failure;
  }

  /** Whether nothing of the kind succeeded since the order was made: then the others of it would fail too. */
  #silentSince(order: Order<unknown>, kind: string): boolean {
    return (this.#succeededAt.get(kind) ?? Number.NEGATIVE_INFINITY) < order.orderedAt;
  }

  #closeFamily(family: ThrottleFamily, error: GraphError): void {
    this.#closed.set(family, error);
    this.#lane(family).close(error);
  }

  #stop(error: GraphError): void {
    this.#fatal ??= error;
    for (const lane of this.#lanes.values()) lane.close(error);
  }

  #judge<T>(order: Order<T>, answer: Answer): T {
    if (answer.status < 200 || answer.status > 299) {
      throw errorOfAnswer(answer.status, answer.headers, answer.body, order.what, Date.now());
    }
    return order.read(answer.body);
  }

  #noteSuccess(order: Order<unknown>): void {
    const now = this.#tuning.clock.now();
    this.#lane(order.family).limiter.succeeded(1);
    this.#succeededAt.set(order.kind, now);
    this.#succeededAt.set(order.family, now);
  }

  #refuseClosed(order: Order<unknown>): void {
    const error = this.#fatal ?? this.#closed.get(order.family) ?? this.#closed.get(order.kind);
    if (error) throw error;
  }

  #rejectIfClosed(part: PendingPart): boolean {
    try {
      this.#refuseClosed(part);
      return false;
    } catch (error) {
      part.reject(error);
      return true;
    }
  }

  #token(): Promise<AccessToken> {
    return this.#guarded(() => this.#tokens.get());
  }

  async #guarded<T>(action: () => Promise<T>): Promise<T> {
    if (this.#fatal) throw this.#fatal;
    try {
      return await action();
    } catch (error) {
      if (error instanceof GraphError) this.#stop(error);
      throw error;
    }
  }

  #lane(family: ThrottleFamily): Lane {
    let lane = this.#lanes.get(family);
    if (!lane) {
      const closing = new AbortController();
      lane = {
        limiter: this.#tuning.limiters.limiterOf(this.#connection, family),
        signal: AbortSignal.any([this.#signal, closing.signal]),
        close: (error) => closing.abort(error),
      };
      this.#lanes.set(family, lane);
    }
    return lane;
  }

  /** Waits until so many requests of the family may be sent. */
  async #permit(family: ThrottleFamily, cost: number): Promise<Permit> {
    const { limiter, signal } = this.#lane(family);
    return this.#waiting(family, "budget", () => limiter.acquire(cost, signal));
  }

  /** Waits because the last try was refused. */
  async #pause(family: ThrottleFamily, ms: number): Promise<void> {
    if (ms <= 0) return;
    await this.#waiting(family, "refused", () => this.#tuning.clock.sleep(ms, this.#lane(family).signal));
  }

  async #waiting<T>(
    family: ThrottleFamily,
    reason: "budget" | "refused",
    wait: () => Promise<T>,
  ): Promise<T> {
    const began = this.#tuning.clock.now();
    try {
      return await wait();
    } finally {
      observeGraphWait(family, reason, (this.#tuning.clock.now() - began) / 1_000);
    }
  }

  async #exchange(
    path: string,
    { what, family, isSearch }: Pick<Order<unknown>, "what" | "family" | "isSearch">,
    token: AccessToken,
    body?: string,
  ): Promise<Answer> {
    const began = performance.now();
    let status: number | null = null;
    const method = body === undefined ? "GET" : "POST";
    const attributes = { "http.request.method": method, "graph.family": family, "graph.what": what };
    return traced(`graph ${method}`, { kind: "client", attributes }, async (span) => {
      try {
        const answer = await this.#send(path, what, token, { body, isSearch });
        status = answer.status;
        return answer;
      } finally {
        span.set({ "http.response.status_code": status });
        observeGraphRequest(family, status, (performance.now() - began) / 1_000);
      }
    });
  }

  #send(
    path: string,
    what: string,
    token: AccessToken,
    { body, isSearch }: { body: string | undefined; isSearch: true | undefined },
  ): Promise<Answer> {
    return exchange(
      `${this.#connection.graphUrl}/${path}`,
      {
        method: body === undefined ? "GET" : "POST",
        headers: {
          Accept: "application/json",
          ...language,
          Authorization: `Bearer ${token.value}`,
          "client-request-id": randomUUID(),
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...(isSearch ? { ConsistencyLevel: "eventual" } : {}),
        },
        ...(body === undefined ? {} : { body }),
      },
      { timeoutMs: this.#tuning.requestTimeoutMs, maxBodyBytes: this.#tuning.maxBodyBytes },
      what,
      this.#signal,
    );
  }
}
