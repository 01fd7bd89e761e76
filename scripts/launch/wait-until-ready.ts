import { setTimeout as delay } from "node:timers/promises";
import type { Readiness } from "#lib/health/readiness";
import type { Child } from "./child.ts";

const limitMs = 90_000;
const mostDeaths = 3;

/**
 * Waits until `/api/ready` answers 200, and tells of a live worker.
 * @throws Error with the last answer when that takes too long, or when a process dies again and again
 */
export async function waitUntilReady(url: string, children: Child[], signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + limitMs;
  let last = "no answer yet";
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    const dying = children.find((child) => child.deaths >= mostDeaths);
    if (dying) throw new Error(`The ${dying.name} process does not stay alive; its last words are above.`);
    try {
      const response = await fetch(`${url}/api/ready`, { signal: AbortSignal.timeout(5_000) });
      const text = await response.text();
      if (response.ok && (JSON.parse(text) as Readiness).checks.worker.ok) return;
      last = `${response.status} ${text.slice(0, 1_000)}`;
    } catch (error) {
      last =
        error instanceof Error
          ? error.cause instanceof Error
            ? error.cause.message
            : error.message
          : String(error);
    }
    await delay(200);
  }
  throw new Error(
    `TenantPilot did not become ready within ${limitMs / 1000} s. ${url}/api/ready said: ${last}`,
  );
}
