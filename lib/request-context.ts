import { AsyncLocalStorage } from "node:async_hooks";

/** The request that is being answered, as far as records of what happens name it. */
export interface RequestContext {
  /** Under which it is logged, and answered in X-Request-Id. */
  request_id: string;
  /** The client's IP address; null when it is not known (lib/http/client-address.ts). */
  address: string | null;
  /** As what it is counted and logged, where that is known: a path's template, never an address as it came. */
  route?: string;
  /** About which tenant it asks, and as whom: the log's line of the request names them. */
  tenant_id?: number;
  user_id?: number;
  token_id?: number;
  /** Set once the database could not do something for it: what fails then is not the service's own fault. */
  database_trouble?: boolean;
  /** The HTTP status of the refusal, once an operation has refused something to whoever asks. */
  refused_with?: number;
}

// The web server and what Next.js has bundled each load this module: what they share lies outside of it.
const holder = globalThis as typeof globalThis & {
  tenantpilotRequest?: AsyncLocalStorage<RequestContext>;
};

function requests(): AsyncLocalStorage<RequestContext> {
  holder.tenantpilotRequest ??= new AsyncLocalStorage();
  return holder.tenantpilotRequest;
}

/** Answers a request: whatever `answer` does, however deep, knows which it is. */
export function withRequest<T>(context: RequestContext, answer: () => T): T {
  return requests().run(context, answer);
}

/** The request that is being answered; null in a worker or a script. */
export function currentRequest(): RequestContext | null {
  return requests().getStore() ?? null;
}
