import { capture } from "#lib/capture/capture";
import { createGraphClient, type GraphClient } from "#lib/graph/client";
import { systemClock } from "#lib/graph/clock";
import { LimiterRegistry } from "#lib/graph/limiter";
import type { GraphObject } from "#lib/graph/shape";
import { policyTypeKeys } from "#lib/policies/catalog";
import { unlimitedBudgets } from "#lib/testing/unlimited";
import type { SandboxProcess } from "./sandbox-process.ts";

/**
 * Captures as a simple script does: each address in a request of its own, one after the other. Stops after `enough`
 * requests: they are all alike.
 * @returns how many requests took how long
 */
export async function captureOneByOne(
  sandbox: SandboxProcess,
  latencyMs: number,
  enough: number,
): Promise<{ requests: number; seconds: number }> {
  await sandbox.prepare({ latencyMs });
  const stop = new AbortController();
  const client = createGraphClient(
    {
      graphUrl: sandbox.url,
      loginUrl: sandbox.loginUrl,
      entraTenantId: sandbox.tenant.entraTenantId,
      clientId: sandbox.tenant.clientId,
      credential: { kind: "secret", secret: sandbox.tenant.clientSecret },
    },
    { signal: stop.signal, tuning: { limiters: new LimiterRegistry(systemClock, unlimitedBudgets) } },
  );
  await client.roles();
  let requests = 0;
  const began = performance.now();
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(request: () => Promise<T>): Promise<T> => {
    const turn = last.then(() => {
      requests += 1;
      if (requests > enough) stop.abort("enough");
      stop.signal.throwIfAborted();
      return request();
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  const oneByOne: GraphClient = {
    organizationId: client.organizationId,
    roles: () => client.roles(),
    get: (path, version) => inTurn(() => client.get(path, version)),
    search: (path, version) => inTurn(() => client.search(path, version)),
    entity: (path, version) => inTurn(() => client.get(path, version)),
    entityOrNone: (path, version) => inTurn(() => client.entityOrNone(path, version)),
    contentOrNone: (path, version) => inTurn(() => client.contentOrNone(path, version)),
    async *pages(path, version) {
      const pages = client.pages(path, version)[Symbol.asyncIterator]();
      for (;;) {
        const page = await inTurn(() => pages.next());
        if (page.done) return;
        yield page.value;
        if (page.value.nextLink === null) return;
      }
    },
    async collection(path, version) {
      const all: GraphObject[] = [];
      for await (const page of oneByOne.pages(path, version)) all.push(...page.value);
      return all;
    },
    rest: (link) => inTurn(() => client.rest(link)),
  };
  const sink = { async write() {}, progress() {} };
  const plan = { policyTypes: policyTypeKeys, includeFoundations: true, concurrency: 1 };
  await capture(oneByOne, plan, sink, stop.signal).catch((error: unknown) => {
    if (error !== "enough") throw error;
  });
  return { requests: Math.min(requests, enough), seconds: (performance.now() - began) / 1000 };
}
