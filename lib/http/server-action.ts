import { AsyncLocalStorage } from "node:async_hooks";

// The web server and what Next.js has bundled each load this module: what they share lies outside of it.
const holder = globalThis as typeof globalThis & {
  tenantpilotActions?: AsyncLocalStorage<{ begun: boolean }>;
};

function actions(): AsyncLocalStorage<{ begun: boolean }> {
  holder.tenantpilotActions ??= new AsyncLocalStorage();
  return holder.tenantpilotActions;
}

/** Notes that a server action has begun: its arguments could be decoded. */
export function actionBegins(): void {
  const request = actions().getStore();
  if (request) request.begun = true;
}

/**
 * Answers a request that may be for a server action.
 * @param answer is told how to ask whether an action has begun
 */
export function watchAction<T>(answer: (hasBegun: () => boolean) => T): T {
  const request = { begun: false };
  return actions().run(request, () => answer(() => request.begun));
}
