import type { Problem } from "#lib/errors";

/** What a server action answers: data, or the problem as the API would tell it. */
export type ActionResult<T> = { ok: true; data: T } | { ok: false; problem: Problem };

/** A server action as components receive it: bound to its tenant already. */
export type Action<I, T> = (input: I) => Promise<ActionResult<T>>;

/** The server action of an operation (`ActionOf<typeof pinSet>`). */
export type ActionOf<O extends (actor: never, tenantId: number, input: never) => Promise<unknown>> = Action<
  Parameters<O>[2],
  Awaited<ReturnType<O>>
>;
