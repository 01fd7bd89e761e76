import type { Family } from "./collections.ts";

/** Counts requests in a window that slides. */
class SlidingWindow {
  readonly #limit: number;
  readonly #width: number;
  readonly #times: number[] = [];

  /** @param width milliseconds */
  constructor(limit: number, width: number) {
    this.#limit = limit;
    this.#width = width;
  }

  /** Milliseconds until one more request fits; 0 when it fits now. */
  wait(now: number): number {
    while (this.#times[0] !== undefined && this.#times[0] <= now - this.#width) this.#times.shift();
    const oldest = this.#times[0];
    return this.#times.length < this.#limit || oldest === undefined ? 0 : oldest + this.#width - now;
  }

  add(now: number): void {
    this.#times.push(now);
  }
}

/** A request over a limit; `retryAfter` in seconds where Graph tells it. */
interface Throttled {
  retryAfter: number | undefined;
}

/**
 * Two requests that a client sends a second apart can arrive a little closer than that, and Graph does not count
 * by the millisecond either.
 */
const JITTER = 50;

/**
 * Graph's documented limits: Intune 1000 requests in 20 s per app and tenant and 2000 per tenant, conditional
 * access and named locations 1 request a second per tenant, identity and access reports (Entra's audit log) 5 requests
 * in 10 s per app and tenant. Requests that were refused do not count.
 */
export class GraphLimits {
  readonly #windows = new Map<string, SlidingWindow>();

  #window(key: string, limit: number, width: number): SlidingWindow {
    const window = this.#windows.get(key) ?? new SlidingWindow(limit, width);
    this.#windows.set(key, window);
    return window;
  }

  /**
   * Counts one request, or says that it is too much.
   * @param now milliseconds
   */
  admit(family: Family | "other", tenantId: string, clientId: string, now: number): Throttled | undefined {
    if (family === "intune") {
      const windows = [
        this.#window(`intune app ${tenantId} ${clientId}`, 1000, 20_000),
        this.#window(`intune ${tenantId}`, 2000, 20_000),
      ];
      const wait = Math.max(...windows.map((window) => window.wait(now)));
      if (wait > 0) return { retryAfter: Math.max(1, Math.ceil(wait / 1000)) };
      for (const window of windows) window.add(now);
    }
    if (family === "conditionalAccess") {
      const window = this.#window(`conditionalAccess ${tenantId}`, 1, 1000 - JITTER);
      if (window.wait(now) > 0) return { retryAfter: undefined };
      window.add(now);
    }
    if (family === "auditLogs") {
      const window = this.#window(`auditLogs ${tenantId} ${clientId}`, 5, 10_000 - JITTER);
      const wait = window.wait(now);
      if (wait > 0) return { retryAfter: Math.max(1, Math.ceil(wait / 1000)) };
      window.add(now);
    }
    return undefined;
  }

  reset(): void {
    this.#windows.clear();
  }
}
