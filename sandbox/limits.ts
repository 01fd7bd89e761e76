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
    // Refused requests are among them: as many must have gone by until one more fits.
    const blocking = this.#times.at(-this.#limit);
    return this.#times.length < this.#limit || blocking === undefined ? 0 : blocking + this.#width - now;
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

/** One refusal in this many is worded the other way: with a wait where there commonly is none, and the reverse. */
const ODD = 4;

/** Administrative templates: what people see is far below the rest of Intune, and written nowhere. */
export const TEMPLATES = /^deviceManagement\/groupPolicyConfigurations(\/|$)/i;

/** So many requests to them are admitted for each app and tenant. */
export const TEMPLATE_LIMIT = { requests: 20, windowMs: 20_000 };

/**
 * Graph's documented limits: Intune 1000 requests in 20 s per app and tenant and 2000 per tenant, conditional
 * access and named locations 1 request a second per tenant, identity and access reports (Entra's audit log) 5 requests
 * in 10 s per app and tenant; and 20 requests in 20 s for Intune's administrative templates. Requests that were refused
 * count too. Of Intune's, 100 in 20 s per app and tenant may write, 200 per tenant. Intune mostly says how long to wait, conditional access mostly does not.
 */
export class GraphLimits {
  readonly #windows = new Map<string, SlidingWindow>();
  readonly #refusals = new Map<string, number>();

  #window(key: string, limit: number, width: number): SlidingWindow {
    const window = this.#windows.get(key) ?? new SlidingWindow(limit, width);
    this.#windows.set(key, window);
    return window;
  }

  /**
   * Counts one request, or says that it is too much.
   * @param path without version
   * @param now milliseconds
   */
  admit(
    family: Family | "other",
    tenantId: string,
    clientId: string,
    path: string,
    now: number,
    write = false,
  ): Throttled | undefined {
    const windows = [
      ...this.#windowsOf(family, tenantId, clientId, path),
      ...(write && family === "intune" ? this.#writesOf(tenantId, clientId) : []),
    ];
    const wait = Math.max(0, ...windows.map((window) => window.wait(now)));
    for (const window of windows) window.add(now);
    if (wait === 0) return undefined;
    const refusal = (this.#refusals.get(family) ?? 0) + 1;
    this.#refusals.set(family, refusal);
    const told = family !== "conditionalAccess";
    const tells = refusal % ODD === 0 ? !told : told;
    return { retryAfter: tells ? Math.max(1, Math.ceil(wait / 1000)) : undefined };
  }

  /** Of Intune's share for writes. */
  #writesOf(tenantId: string, clientId: string): SlidingWindow[] {
    return [
      this.#window(`intune writes app ${tenantId} ${clientId}`, 100, 20_000),
      this.#window(`intune writes ${tenantId}`, 200, 20_000),
    ];
  }

  #windowsOf(family: Family | "other", tenantId: string, clientId: string, path: string): SlidingWindow[] {
    const app = `${tenantId} ${clientId}`;
    switch (family) {
      case "intune": {
        const all = [
          this.#window(`intune app ${app}`, 1000, 20_000),
          this.#window(`intune ${tenantId}`, 2000, 20_000),
        ];
        return TEMPLATES.test(path)
          ? [...all, this.#window(`templates ${app}`, TEMPLATE_LIMIT.requests, TEMPLATE_LIMIT.windowMs)]
          : all;
      }
      case "conditionalAccess":
        return [this.#window(`conditionalAccess ${tenantId}`, 1, 1000 - JITTER)];
      case "auditLogs":
        return [this.#window(`auditLogs ${app}`, 5, 10_000 - JITTER)];
      default:
        return [];
    }
  }

  reset(): void {
    this.#windows.clear();
    this.#refusals.clear();
  }
}
